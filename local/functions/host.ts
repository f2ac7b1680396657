/**
 * The process that runs all edge functions. Usage: host.ts SUPABASE_DIR [--watch]
 * With --watch a function whose code has changed is started anew.
 * Prints its port as the first line of its output; ends when its standard input does. A line there is a number: by how
 * many milliseconds the clock is moved on.
 */
import { join, relative } from "node:path";
import { readFunctionList } from "./config.ts";
import { BootError, WorkerPool } from "./pool.ts";
import { handOn, targetOf } from "./proxy.ts";
import { watchCode } from "./watch.ts";

/** As hosted: a function that gives no answer for so long has lost its request. */
const idleMs = 150_000;

const supabaseDir = Deno.args[0] ?? "";
const pool = new WorkerPool();
let functions = readFunctionList(supabaseDir);

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
console.log(server.addr.port);
if (Deno.args[1] === "--watch") {
  watchCode(join(supabaseDir, "functions"), codeChanged).catch((error) =>
    console.error(`changed code needs a new start, since its folder is not watched: ${error}`)
  );
}
endWithParent();

/** What runs goes on with the code it began with. */
function codeChanged(files: string[]): void {
  pool.renew();
  functions.clear(); // read again at the next request
  const [file = "", ...more] = files;
  const others = more.length === 0 ? "" : ` and ${more.length} more`;
  console.log(
    `${
      relative(supabaseDir, file)
    }${others} changed: the next request to a function runs the new code`,
  );
}

async function answer(request: Request): Promise<Response> {
  const target = targetOf(request.url).replace(/^\/functions\/v1/, "");
  const name = /^\/([A-Za-z0-9_-]+)/.exec(target)?.[1] ?? "";
  const entry = entryOf(name);
  if (entry === null) return failed(404, "NOT_FOUND", "Requested function was not found");
  try {
    return await ask(request, name, entry, target);
  } catch (error) {
    if (error instanceof BootError) {
      console.error(`[${name}] does not start: ${error.message}`);
      return failed(503, "BOOT_ERROR", "Function failed to start (please check logs)");
    }
    console.error(`[${name}] ${error}`);
    return failed(500, "WORKER_ERROR", "Function exited due to an error (please check logs)");
  }
}

/** The list is read again for an unknown name, so that a new function needs no restart. */
function entryOf(name: string): string | null {
  if (!functions.has(name)) functions = readFunctionList(supabaseDir);
  return functions.get(name) ?? null;
}

async function ask(
  request: Request,
  name: string,
  entry: string,
  target: string,
): Promise<Response> {
  return await pool.ask(name, entry, async (running) => {
    const idle = AbortSignal.timeout(idleMs);
    try {
      return await handOn(request, running.port, target, idle);
    } catch (error) {
      if (!idle.aborted) throw error;
      // It may be spinning: nobody else should wait behind it.
      running.end();
      return failed(504, "IDLE_TIMEOUT", `The function gave no answer within ${idleMs / 1000} s`);
    }
  });
}

function failed(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, {
    status,
    headers: { "access-control-allow-origin": "*" },
  });
}

async function endWithParent(): Promise<never> {
  let begun = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (begun + text).split("\n");
    begun = lines.pop() ?? "";
    const last = lines.at(-1);
    if (last !== undefined) pool.setAhead(Number(last));
  }
  Deno.exit(0);
}
