/// <reference lib="deno.worker" />
/**
 * Runs inside one web worker: gives one function what the hosted runtime gives it, then imports it unmodified.
 * The worker's name is the function's; its first message is the URL of the entry file, a later one ends it or moves its
 * clock.
 */
import { format } from "node:util";
import { moveTime } from "./moved_time.ts";

interface EdgeRuntime {
  waitUntil(work: Promise<unknown>): Promise<unknown>;
}

const serve = Deno.serve;
let server: Deno.HttpServer | null = null;
const background = new Set<Promise<unknown>>();

/** Whatever address the function asks for, it listens on a free port of loopback, which it reports to the host. */
function serveForHost(...args: unknown[]): Deno.HttpServer {
  const handler = args.find((arg) => typeof arg === "function") ??
    (args[0] as { handler: unknown }).handler;
  server = serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => self.postMessage({ port }),
    onError(error) {
      console.error(error);
      const body = {
        code: "WORKER_ERROR",
        message: "Function exited due to an error (please check logs)",
      };
      return Response.json(body, { status: 500 });
    },
  }, handler as Deno.ServeHandler);
  return server;
}

/** Takes no more requests, and ends when what was asked is done. */
async function retire(): Promise<void> {
  await server?.shutdown();
  while (background.size > 0) await Promise.allSettled(background);
  self.close();
}

/** All that a function prints goes one way, so that it arrives in the order in which it was printed. */
function prefixLogs(name: string): void {
  const print = console.log.bind(console);
  for (const level of ["debug", "log", "info", "warn", "error"] as const) {
    console[level] = (...words: unknown[]) => print("%s", `[${name}] ${format(...words)}`);
  }
}

const edgeRuntime: EdgeRuntime = {
  waitUntil(work) {
    const done = work.catch((error) => console.error("waitUntil:", error))
      .finally(() => background.delete(done));
    background.add(done);
    return work;
  },
};

type Message = { entry: string; ahead?: number } | { retire: true } | { ahead: number };

self.onmessage = async ({ data }: MessageEvent<Message>) => {
  if ("retire" in data) return await retire();
  if (data.ahead !== undefined) moveTime(data.ahead);
  if (!("entry" in data)) return;
  prefixLogs(self.name);
  Object.assign(Deno, { serve: serveForHost });
  Object.assign(globalThis, { EdgeRuntime: edgeRuntime });
  try {
    await import(data.entry);
  } catch (error) {
    console.error(error);
    self.postMessage({ failed: error instanceof Error ? error.message : String(error) });
  }
};
