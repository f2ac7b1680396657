/// <reference lib="deno.worker" />
/**
 * Runs inside one web worker: gives one function what the hosted runtime gives it, then imports it unmodified.
 * The worker's name is the function's; its first message is the URL of the entry file.
 */
import { format } from "node:util";

interface EdgeRuntime {
  waitUntil(work: Promise<unknown>): Promise<unknown>;
}

const serve = Deno.serve;

/** Whatever address the function asks for, it listens on a free port of loopback, which it reports to the host. */
function serveForHost(...args: unknown[]): Deno.HttpServer {
  const handler = args.find((arg) => typeof arg === "function") ??
    (args[0] as { handler: unknown }).handler;
  return serve({
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
}

function prefixLogs(name: string): void {
  for (const level of ["debug", "log", "info", "warn", "error"] as const) {
    const print = console[level].bind(console);
    console[level] = (...words: unknown[]) => print("%s", `[${name}] ${format(...words)}`);
  }
}

const edgeRuntime: EdgeRuntime = {
  waitUntil(work) {
    work.catch((error) => console.error("waitUntil:", error));
    return work;
  },
};

self.onmessage = async (event: MessageEvent<{ entry: string }>) => {
  prefixLogs(self.name);
  Object.assign(Deno, { serve: serveForHost });
  Object.assign(globalThis, { EdgeRuntime: edgeRuntime });
  try {
    await import(event.data.entry);
  } catch (error) {
    console.error(error);
    self.postMessage({ failed: error instanceof Error ? error.message : String(error) });
  }
};
