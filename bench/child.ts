/** A Deno process that is asked and answers in lines of JSON. */
import { TextLineStream } from "./lines.ts";

export interface Child {
  /** Sends one line and gives the next line that the process prints, parsed. @throws when it ends instead. */
  ask(question: unknown): Promise<unknown>;
  /** The next line without a question. */
  next(): Promise<unknown>;
  stop(): Promise<void>;
  /** SIGKILL: whatever it had leased stays as it is. */
  kill(): Promise<void>;
}

/** Starts `script` of this directory. Its errors are ours to see. */
export function startChild(
  script: string,
  options: { args?: string[]; env?: Record<string, string>; v8?: string[] } = {},
): Child {
  const config = new URL("../deno.json", import.meta.url);
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      "--config",
      decodeURIComponent(config.pathname),
      ...(options.v8 ? [`--v8-flags=${options.v8.join(",")}`] : []),
      decodeURIComponent(new URL(script, import.meta.url).pathname),
      ...(options.args ?? []),
    ],
    env: options.env ?? {},
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = process.stdin.getWriter();
  const lines = process.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const next = async () => {
    const { value, done } = await lines.read();
    if (done) throw new Error(`${script} ended without an answer`);
    return JSON.parse(value) as unknown;
  };
  return {
    next,
    async ask(question) {
      await writer.write(new TextEncoder().encode(`${JSON.stringify(question)}\n`));
      return await next();
    },
    async stop() {
      await writer.close().catch(() => {}); // it has ended by itself
      await lines.cancel();
      await process.status;
    },
    async kill() {
      process.kill("SIGKILL");
      await process.status;
      await writer.abort().catch(() => {}); // its pipes are broken
      await lines.cancel().catch(() => {});
    },
  };
}
