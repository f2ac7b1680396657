/** All edge functions in a process of their own, asked over HTTP. */
import { TextLineStream } from "../../bench/lines.ts";
import { functionEnvironment } from "../../local/functions/environment.ts";
import { projectRoot } from "../../local/paths.ts";
import type { World } from "./world.ts";

export interface Functions {
  /** Sends a body as it is, with the secret key. */
  send(
    name: string,
    body: string | ReadableStream<Uint8Array>,
  ): Promise<{ status: number; text: string }>;
  /** Bytes that the process holds. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the functions of these names on a world's database and sites. */
export async function startFunctions(world: World, names: string[]): Promise<Functions> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", "tests/support/functions_process.ts", ...names],
    cwd: projectRoot,
    env: { ...functionEnvironment(world.stack), SOURCE_MIRROR_URL: world.site.url },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const { value: port } = await lines.read();
  if (port === undefined) throw new Error("the functions' process ended before it listened");
  const url = `http://127.0.0.1:${port}`;
  return {
    async send(name, body) {
      const headers = { "content-type": "application/json", apikey: world.stack.keys.secret };
      const response = await fetch(`${url}/${name}`, { method: "POST", headers, body });
      return { status: response.status, text: await response.text() };
    },
    memory: async () => await (await fetch(`${url}/memory`)).json(),
    async stop() {
      process.kill("SIGTERM");
      await process.status;
      await lines.cancel();
    },
  };
}
