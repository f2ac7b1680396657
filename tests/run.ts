/** `deno task test`: sets itself up, runs everything or what is asked for, and counts. */
import { runDenoTests } from "./support/deno_tests.ts";
import { runPgTap } from "./support/pgtap.ts";
import { selectTests } from "./support/select.ts";
import type { Job, Outcome } from "./support/outcome.ts";
import { commandLine, TASK, usageError } from "../local/command_line.ts";
import { prepareDatabase } from "../local/database.ts";

const usage = `usage: ${TASK} test [--jobs N] [WHAT…]

Runs all tests, or WHAT: an area (unit, examples, sql, functions, end-to-end, browser, corpus), or files or directories of tests.
The last line says how many passed, failed and were skipped.

  --jobs N    so many test processes at a time (one more than there are cores, at most 5)
  --help      this

Exit code 0 when none failed, 1 when one did, 2 for a mistake in the options or when no test fits.`;

const { values, positionals } = commandLine(usage, {
  allowPositionals: true,
  options: { jobs: { type: "string" } },
});
// Many tests wait more than they work.
const atOnce = Number(values.jobs ?? Math.min(5, navigator.hardwareConcurrency + 1));
if (!Number.isInteger(atOnce) || atOnce < 1) {
  usageError(`--jobs is no number of processes: ${values.jobs}`, usage);
}

const started = performance.now();
const jobs = selectTests(positionals);
if (jobs.length === 0) usageError(`No tests fit: ${positionals.join(" ")}`, usage);
try {
  // Once, before several test files would all do it.
  if (jobs.some((job) => job.needsStack)) await prepareDatabase();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log("0 passed, 1 failed, 0 skipped");
  Deno.exit(1);
}

const outcomes = await runAll(jobs, atOnce);
const sum = (pick: (outcome: Outcome) => number) =>
  outcomes.reduce((total, one) => total + pick(one), 0);
const failed = sum((outcome) => outcome.failed);
for (const outcome of outcomes) {
  for (const name of outcome.skipped) console.log(`skipped: ${name}`);
}
for (const outcome of outcomes.filter((one) => one.failed > 0)) {
  console.log(`failed: ${outcome.name}`);
}
console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
console.log(
  `${sum((outcome) => outcome.passed)} passed, ${failed} failed, ${
    sum((outcome) => outcome.skipped.length)
  } skipped`,
);
Deno.exit(failed === 0 ? 0 : 1);

/** Runs the jobs, so many at a time, in order; says how each went as soon as it ends. */
async function runAll(all: Job[], most: number): Promise<Outcome[]> {
  const waiting = [...all];
  const done: Outcome[] = [];
  const worker = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const outcome = job.kind === "sql"
        ? await runPgTap(job.name, job.paths)
        : await runDenoTests(job);
      done.push(outcome);
      report(outcome);
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  return done;
}

function report(outcome: Outcome): void {
  const words = outcome.failed > 0 ? "FAILED" : "ok";
  const skipped = outcome.skipped.length > 0 ? `, ${outcome.skipped.length} skipped` : "";
  const counts = `${outcome.passed} passed${
    outcome.failed > 0 ? `, ${outcome.failed} failed` : ""
  }${skipped}`;
  console.log(
    `${words.padEnd(7)} ${outcome.name} (${counts}, ${(outcome.ms / 1000).toFixed(1)} s)`,
  );
  if (outcome.failed > 0) console.log(outcome.output.trimEnd().replace(/^/gm, "    "));
}
