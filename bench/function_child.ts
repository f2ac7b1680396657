/** One edge function, alone in a process, that is called as the database calls it. */
import { z } from "zod";
import { functionEnvironment } from "../local/functions/environment.ts";
import { startChild } from "./child.ts";
import type { Scene } from "./scene.ts";
import { type Usage, usage } from "./usage.ts";

interface FunctionChild {
  /**
   * One call with a secret key; gives its answer, parsed.
   * @throws Error when it answers anything but success.
   */
  call(body: Record<string, unknown>): Promise<unknown>;
  /** CPU since the process began, and the peaks of memory since the last question. */
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

/** Starts a function whose sites are those of the scene. @param api in place of the stack's own address. */
export async function startFunction(
  name: string,
  { stack, site }: Pick<Scene, "stack" | "site">,
  api: string = stack.url,
): Promise<FunctionChild> {
  const entry = new URL(`../supabase/functions/${name}/index.ts`, import.meta.url);
  const child = startChild("function_process.ts", {
    args: [entry.href],
    env: { ...functionEnvironment({ ...stack, url: api }), SOURCE_MIRROR_URL: site.url },
  });
  const { port } = z.object({ port: z.int() }).parse(await child.next());
  return {
    async call(body) {
      const answer = await fetch(`http://127.0.0.1:${port}/${name}`, {
        method: "POST",
        headers: { apikey: stack.keys.secret, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${name} answered ${answer.status}: ${text}`);
      return JSON.parse(text);
    },
    usage: async () => usage.parse(await child.ask("usage")),
    stop: () => child.stop(),
  };
}
