/** Running test files, or the examples of files, in a process of their own. */
import { join } from "node:path";
import { projectRoot } from "../../local/paths.ts";
import { examplesIn, isRun } from "./examples.ts";
import type { Job, Outcome } from "./outcome.ts";

/** A file that takes longer hangs. */
const limitMs = 10 * 60_000;

export async function runDenoTests(job: Job): Promise<Outcome> {
  const started = performance.now();
  const late = AbortSignal.timeout(limitMs);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...what(job)],
    cwd: projectRoot,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: late,
  }).output();
  const decoder = new TextDecoder();
  let output = decoder.decode(stdout) + decoder.decode(stderr);
  const counts = readSummary(output);
  if (job.kind === "examples") {
    const silent = passedOver(job.paths, counts.passed + counts.failed);
    counts.failed += silent.length;
    output += silent.map((line) => `\n${line}`).join("");
  }
  // A file that could not be loaded, or a process that died, is a failure without a summary.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return {
    ...counts,
    name: job.name,
    output: late.aborted ? `${output}\nstopped after ${limitMs / 60_000} minutes` : output,
    ms: performance.now() - started,
  };
}

function what(job: Job): string[] {
  if (job.kind !== "examples") return job.paths;
  return ["--doc", "--ignore=**/*_test.ts", ...(job.under === undefined ? job.paths : [job.under])];
}

/** What Deno did not run of the examples, which it does not say itself. */
function passedOver(paths: string[], ran: number): string[] {
  const examples = paths.flatMap((path) =>
    examplesIn(Deno.readTextFileSync(join(projectRoot, path)))
      .map((example) => ({ ...example, path }))
  );
  const lines = examples.filter((example) => !isRun(example))
    .map(({ path, line }) => `${path}:${line}: not run: an example begins with "\`\`\`ts"`);
  const meant = examples.length - lines.length;
  if (ran !== meant) lines.push(`${meant} examples stand in these files, ${ran} were run`);
  return lines;
}

/** `ok | 3 passed (2 steps) | 0 failed (1 step) | 1 ignored (12ms)`: steps are tests too. */
export function readSummary(output: string): Pick<Outcome, "passed" | "failed" | "skipped"> {
  const steps = String.raw`(?: \((\d+) steps?\))?`;
  const summary = new RegExp(
    `^(?:ok|FAILED) \\| (\\d+) passed${steps} \\| (\\d+) failed${steps}`,
    "m",
  )
    .exec(output);
  const [passed = 0, passedSteps = 0, failed = 0, failedSteps = 0] = (summary?.slice(1) ?? [])
    .map((count) => Number(count ?? 0));
  const skipped = [...output.matchAll(/^ *(.+) \.\.\. ignored/gm)].map((match) => match[1] ?? "");
  // A test whose step fails has failed with it: that is one failure, not two.
  return { passed: passed + passedSteps, failed: Math.max(failed, failedSteps), skipped };
}
