/** The steps of the pipeline, in their order, by the numbers that people know them by. */
export const STEPS = [
  "auto_queue_backfills",
  "rescue_expired_leases",
  "discover_listings",
  "drain_queues",
  "collect_metrics",
] as const;
export type StepName = typeof STEPS[number];

/** What a step did. */
export interface StepOutcome {
  /** As a sentence, for a person. */
  said: string;
  /** As numbers. */
  did: Record<string, unknown>;
  /** What went wrong although the step went through; it then counts as failed. */
  problem?: { error: string; hint: string };
}

/** A step as a run reports it. */
export interface StepReport {
  step: number;
  name: StepName;
  /** `not_run`: not asked for, or no time was left. */
  status: "ok" | "failed" | "not_run";
  ms: number;
  said: string;
  did: Record<string, unknown>;
  error: string | null;
  /** What to type, where something is to be done. */
  hint: string | null;
}

/** What a person can do about a step that threw. */
function hintFor(name: StepName): string {
  return name === "discover_listings"
    ? "select url, why, what_to_do from listing_feed_status;"
    : "select * from pipeline_status;";
}

/** Runs one step; whatever happens in it, the next one can run. Never throws. */
export async function runStep(
  name: StepName,
  work: () => Promise<StepOutcome>,
): Promise<StepReport> {
  const startedAt = Date.now();
  const report = { step: STEPS.indexOf(name), name };
  try {
    const { said, did, problem } = await work();
    return {
      ...report,
      status: problem === undefined ? "ok" : "failed",
      ms: Date.now() - startedAt,
      said,
      did,
      error: problem?.error ?? null,
      hint: problem?.hint ?? null,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      ...report,
      status: "failed",
      ms: Date.now() - startedAt,
      said: "it broke",
      did: {},
      error: message,
      hint: hintFor(name),
    };
  }
}

/** A step that was left out, and why. */
export function notRun(name: StepName, why: string): StepReport {
  const report = { step: STEPS.indexOf(name), name, status: "not_run" as const };
  return { ...report, ms: 0, said: why, did: {}, error: null, hint: null };
}

/** "3 vehicles", "1 vehicle". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
