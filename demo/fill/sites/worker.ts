/** The thread of server.ts: serves the sites, and keeps a log of who was asked when. */
import { cpuTimeMs } from "../../../supabase/functions/_shared/edge/cpu_time.ts";
import { mirrorTarget } from "../../site/mirror.ts";
import { fillAnswer, type SiteTime } from "./answer.ts";
import type { Asked } from "./server.ts";

declare const self: {
  onmessage: (event: MessageEvent<SiteTime | "log" | "cpu">) => void;
  postMessage(message: unknown): void;
};

let time: SiteTime = { slot: 0, dayStart: 0 };
const asked: Asked[] = [];

const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  (request) => {
    const target = mirrorTarget(request.url);
    if (target === null) return new Response("no such address", { status: 404 });
    const at = Date.now();
    const response = fillAnswer(target, time);
    const path = target.path + target.search;
    asked.push({ host: target.host, path, at, slot: time.slot, status: response.status });
    return response;
  },
);

self.onmessage = ({ data }) => {
  if (data === "log") self.postMessage({ asked });
  else if (data === "cpu") self.postMessage({ cpuSeconds: (cpuTimeMs() ?? 0) / 1000 });
  else time = data;
};
self.postMessage({ url: `http://127.0.0.1:${server.addr.port}` });
