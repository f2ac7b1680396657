/** The outside worker as its users start it: a process of its own. */
import { projectRoot } from "../../../local/paths.ts";
import { join } from "node:path";
import { until } from "../../support/until.ts";

/** One line of `--json`. */
interface Line {
  level: string;
  message: string;
  [field: string]: unknown;
}

/** A process under test. */
interface OutsideProcess {
  pid: number;
  /** What it has said so far, on both of its outputs. */
  lines: Line[];
  /** The first line whose message fits, when it is said. */
  said(pattern: RegExp, seconds?: number): Promise<Line>;
  kill(signal: Deno.Signal): void;
  /** Its exit code; null when a signal ended it. */
  ended: Promise<number | null>;
}

interface Project {
  url: string;
  key: string;
  /** What stands in for all sites. */
  mirrorUrl: string;
}

const running = new Set<Deno.ChildProcess>();

/** Starts `task worker` with these options, and --json. */
export function startWorker(project: Project, ...options: string[]): OutsideProcess {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", "worker/main.ts", "--json", ...options],
    cwd: projectRoot,
    clearEnv: true,
    env: {
      ...kept("PATH", "HOME", "DENO_DIR", "TMPDIR"),
      SUPABASE_URL: project.url,
      SUPABASE_SERVICE_ROLE_KEY: project.key,
      SOURCE_MIRROR_URL: project.mirrorUrl,
    },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  running.add(child);
  const lines: Line[] = [];
  const read = [child.stdout, child.stderr].map((stream) => collect(stream, lines));
  const ended = child.status.then(async ({ code, signal }) => {
    running.delete(child);
    await Promise.all(read);
    return signal === null ? code : null;
  });
  return {
    pid: child.pid,
    lines,
    said: (pattern, seconds) =>
      until(
        `the worker says ${pattern}: ${lines.map(({ message }) => message).join(" | ")}`,
        () => lines.find(({ message }) => pattern.test(message)),
        seconds,
      ),
    kill: (signal) => child.kill(signal),
    ended,
  };
}

/** Kills what a failed test left running. */
export async function killWorkers(): Promise<void> {
  for (const child of running) {
    child.kill("SIGKILL");
    await child.status;
  }
}

/** Runs `task worker` with these options and this environment only; what it printed and its exit code. */
export async function runWorker(env: Record<string, string>, ...options: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", join(projectRoot, "worker/main.ts"), ...options],
    clearEnv: true,
    env: { ...kept("PATH", "HOME", "DENO_DIR", "TMPDIR"), ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

function kept(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

async function collect(stream: ReadableStream<Uint8Array>, lines: Line[]): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts.filter((part) => part !== "").map(lineOf));
  }
  if (rest !== "") lines.push(lineOf(rest));
}

function lineOf(text: string): Line {
  try {
    return JSON.parse(text);
  } catch {
    return { level: "text", message: text };
  }
}
