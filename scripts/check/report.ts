/** Running the steps one after the other, saying how far it is, and the table at the end. */
import { type CheckContext, error, type Outcome, type Step } from "./step.ts";

interface Result {
  step: Step;
  outcome: Outcome;
  ms: number;
}

/** Runs every step; one that throws has failed, and the others still run. */
export async function runSteps(steps: Step[], context: CheckContext): Promise<Result[]> {
  const results: Result[] = [];
  for (const [at, step] of steps.entries()) {
    console.error(`[${at + 1}/${steps.length}] ${step.name}: ${step.description}`);
    const since = performance.now();
    const outcome = await attempt(step, context);
    results.push({ step, outcome, ms: performance.now() - since });
    for (const { severity, where, message } of outcome.findings) {
      console.error(`  ${severity}: ${where === undefined ? "" : `${where}: `}${message}`);
    }
  }
  return results;
}

async function attempt(step: Step, context: CheckContext): Promise<Outcome> {
  try {
    return await step.run(context);
  } catch (problem) {
    return { findings: [error(problem instanceof Error ? problem.message : String(problem))] };
  }
}

function count(outcome: Outcome, severity: "error" | "warning"): number {
  return outcome.findings.filter((finding) => finding.severity === severity).length;
}

/** Prints the table. Gives whether every check passed. */
export function report(results: Result[]): boolean {
  console.log(`\n${"check".padEnd(12)}  ${"result".padEnd(8)}  seconds  note`);
  for (const { step, outcome, ms } of results) {
    const [errors, warnings] = [count(outcome, "error"), count(outcome, "warning")];
    const verdict = errors > 0 ? "FAILED" : "ok";
    const note = [
      outcome.note,
      errors > 0 && `${errors} errors`,
      warnings > 0 && `${warnings} warnings`,
    ];
    console.log(
      `${step.name.padEnd(12)}  ${verdict.padEnd(8)}  ${(ms / 1000).toFixed(1).padStart(7)}  ` +
        note.filter(Boolean).join(", "),
    );
  }
  const failed = results.filter(({ outcome }) => count(outcome, "error") > 0);
  const seconds = results.reduce((sum, { ms }) => sum + ms, 0) / 1000;
  console.log(
    failed.length === 0
      ? `\nAll ${results.length} checks passed in ${seconds.toFixed(0)} s.`
      : `\n${failed.length} of ${results.length} checks failed: ${
        failed.map(({ step }) => step.name).join(", ")
      }`,
  );
  return failed.length === 0;
}
