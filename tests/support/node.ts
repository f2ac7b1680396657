/** The command-line tools, run as an operator runs them. */
import { projectRoot } from "../../local/paths.ts";
import type { Stack } from "../../local/stack.ts";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `node` with these arguments in the project's folder and the key of the stack in its environment. */
export async function node(
  stack: Pick<Stack, "url" | "keys"> | null,
  args: string[],
  options: { input?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  const child = new Deno.Command("node", {
    args,
    cwd: projectRoot,
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      ...(stack === null ? {} : { SUPABASE_URL: stack.url, SERVICE_KEY: stack.keys.secret }),
      ...options.env,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A tool that asks nothing may have ended before it could read.
  if (options.input) await writer.write(new TextEncoder().encode(options.input)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
