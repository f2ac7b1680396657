import type { DatabaseClient } from "../../database/client.ts";
import {
  claimRun,
  heartbeatRun,
  type LeasedRun,
  type OtherRun,
  type RunEnd,
  runningRun,
  settleRun,
} from "../../database/pipeline.ts";
import { type Attempt, type Warn, workAll } from "../lease/work.ts";
import { notRun, runStep, type StepName, type StepReport, STEPS } from "./step.ts";
import { type PipelineRequest, type PipelineTools, previews, type Works, works } from "./steps.ts";

/** Kept for the steps after discovery, milliseconds: they are short. */
const AFTER_DISCOVERY_MS = 8_000;
/** A step is not begun with less. */
const LEAST_MS = 500;
/** Discovery that has less could fetch nothing. */
const LEAST_DISCOVERY_MS = 2_500;

/** What a run came to. */
interface PipelineReport {
  run_id: string | null;
  status: "completed" | "completed_with_errors" | "failed";
  steps: StepReport[];
  metrics: Record<string, unknown> | null;
  /** Another run took over, because this one was silent for longer than its lease. */
  taken_over: boolean;
}

/** Milliseconds that a step may take, and why it is left out when that is too little. */
function shareOf(name: StepName, left: number): { ms: number; enough: boolean } {
  if (name !== "discover_listings") return { ms: left, enough: left >= LEAST_MS };
  const ms = Math.min(left * 0.7, left - AFTER_DISCOVERY_MS);
  return { ms, enough: ms >= LEAST_DISCOVERY_MS };
}

/** Runs the steps one after the other; `after` gets the steps so far and says whether to go on. */
async function runSteps(
  works: Works,
  wanted: readonly StepName[],
  deadline: number,
  after: (steps: StepReport[]) => Promise<boolean>,
): Promise<{ steps: StepReport[]; goOn: boolean }> {
  const steps: StepReport[] = [];
  let goOn = true;
  for (const name of STEPS) {
    const { ms, enough } = shareOf(name, deadline - Date.now());
    if (!wanted.includes(name)) steps.push(notRun(name, "not asked for"));
    else if (!goOn) steps.push(notRun(name, "another run has taken over"));
    else if (!enough) steps.push(notRun(name, "no time was left: see max_runtime_ms"));
    else {
      steps.push(await runStep(name, () => works[name](ms)));
      goOn = await after(steps);
    }
  }
  return { steps, goOn };
}

function statusOf(steps: readonly StepReport[]): PipelineReport["status"] {
  const failed = steps.filter(({ status }) => status === "failed").length;
  if (failed === 0) return "completed";
  return steps.some(({ status }) => status === "ok") ? "completed_with_errors" : "failed";
}

function metricsOf(steps: readonly StepReport[]): Record<string, unknown> | null {
  const measured = steps.find(({ name, status }) => name === "collect_metrics" && status === "ok");
  return measured?.did ?? null;
}

/** The metrics stand beside the steps, not in them too. */
function withoutMetrics(steps: readonly StepReport[]): StepReport[] {
  return steps.map((step) => step.name === "collect_metrics" ? { ...step, did: {} } : step);
}

/** What a run would do, and which one is under way. Changes nothing. */
export async function previewPipeline(
  tools: PipelineTools,
  request: PipelineRequest,
  deadline: number,
): Promise<PipelineReport & { running: OtherRun | null }> {
  const running = await runningRun(tools.database);
  const { steps } = await runSteps(
    previews(tools, request),
    request.steps,
    deadline,
    () => Promise.resolve(true),
  );
  return {
    run_id: null,
    status: statusOf(steps),
    steps: withoutMetrics(steps),
    metrics: metricsOf(steps),
    taken_over: false,
    running,
  };
}

/** Notes the steps done so far; false: the run is no longer ours. */
async function note(
  database: DatabaseClient,
  run: LeasedRun,
  steps: readonly StepReport[],
  warn: Warn,
): Promise<boolean> {
  try {
    return await heartbeatRun(database, run, withoutMetrics(steps));
  } catch (error) {
    warn("a heartbeat failed", error);
    return true; // whether the run is still ours is asked again at its end
  }
}

/** How a run ends whose steps are done. */
function endOf(steps: readonly StepReport[]): RunEnd & { steps: StepReport[] } {
  const errors = steps.flatMap(({ step, error }) => error === null ? [] : `step ${step}: ${error}`);
  return {
    status: statusOf(steps),
    steps: withoutMetrics(steps),
    metrics: metricsOf(steps),
    error: errors.length === 0 ? null : errors.join("; "),
  };
}

/** The steps of a run that are done, and whether it was this worker's until the last. */
type RunDone = Attempt<{ run: LeasedRun; steps: StepReport[]; isOurs: boolean }>;

/**
 * One run of the pipeline: its steps one after the other, each by itself, with a record in
 * `pipeline_runs`. Gives the other run when one is under way.
 * @param deadline epoch milliseconds after which no step begins.
 * @throws DatabaseError when the run cannot be recorded; its lease then runs out by itself.
 */
export async function runPipeline(
  tools: PipelineTools,
  request: PipelineRequest,
  triggeredBy: string,
  deadline: number,
  warn: Warn,
): Promise<{ other: OtherRun } | PipelineReport> {
  const { database } = tools;
  const claimed = await claimRun(database, triggeredBy);
  if (!claimed.claimed) return { other: claimed };
  const { run_id, lease_token } = claimed;

  // A run is a row like any other: held while it is worked on, settled with what came of it.
  const { finished } = await workAll<LeasedRun, RunDone, boolean>([{ run_id, lease_token }], {
    async work(run) {
      const { steps, goOn } = await runSteps(
        works(tools, request),
        request.steps,
        deadline,
        (done) => note(database, run, done, warn),
      );
      return { kind: "done", item: { run, steps, isOurs: goOn } };
    },
    write: (runs) =>
      Promise.all(
        runs.map(async ({ run, steps, isOurs }) =>
          isOurs && await settleRun(database, run, endOf(steps))
        ),
      ),
    lease: { heartbeat: () => heartbeatRun(database, { run_id, lease_token }) },
    warn,
  });
  const [run] = finished;
  if (run === undefined) throw new Error("a run of the pipeline ended without a report");
  const { error: _, ...end } = endOf(run.one.item.steps);
  return { run_id, ...end, taken_over: !run.result };
}
