/** Starting the programs of Postgres as the user they may run as. */
import type { RunUser } from "../paths.ts";

/** An environment without the caller's locale and PG* settings. */
export const cleanEnv = { LC_ALL: "C", TZ: "UTC", PATH: "/usr/local/bin:/usr/bin:/bin" };

/** Runs a program to its end. @throws with the program's own words when it fails. */
export async function run(program: string, args: string[], user: RunUser | null): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    ...(user ?? {}),
    cwd: "/",
    clearEnv: true,
    env: cleanEnv,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (code !== 0) {
    const words = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
    throw new Error(`${program} failed (${code}): ${words.trim()}`);
  }
}
