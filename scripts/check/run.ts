/** Running programs for a check. */
import { projectRoot } from "../../local/paths.ts";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, without input, in the project's directory unless another is named. */
export async function run(
  program: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: options.cwd ?? projectRoot,
    env: { NO_COLOR: "1", ...options.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs the same Deno that runs this. */
export function deno(...args: string[]): Promise<Ran> {
  return run(Deno.execPath(), args);
}

/** The last lines of what a program said, for a finding. */
export function lastLines({ stdout, stderr }: Ran, lines = 60): string {
  const text = `${stdout}\n${stderr}`.replace(/\nStack backtrace:[\s\S]*$/, "").trim();
  const all = text.split("\n");
  return all.length <= lines
    ? text
    : [`… ${all.length - lines} lines`, ...all.slice(-lines)].join("\n");
}
