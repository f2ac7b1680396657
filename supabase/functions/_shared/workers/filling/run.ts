import {
  claimFillStep,
  type FillStepEnd,
  type FillStepName,
  heartbeatFillStep,
  type LeasedFillStep,
  type NoFillStep,
  settleFillStep,
} from "../../database/filling.ts";
import { DatabaseError } from "../../database/error.ts";
import { keepLeases } from "../lease/heartbeat.ts";
import type { Warn } from "../lease/work.ts";
import { FILL_WORK, type FillTools } from "./steps.ts";

/** A step is given so long at most, milliseconds. */
export const LONGEST_STEP_MS = 20_000;

/** What a run is asked. */
interface FillRequest {
  triggeredBy: string;
  cycleId?: string;
  steps?: FillStepName[];
}

/** A step as a run reports it. */
interface FillStepReport {
  step: FillStepName;
  /** `pending`: it goes on, or is tried again; `taken_over`: by another worker, and nothing was written. */
  status: "complete" | "pending" | "failed" | "taken_over";
  attempt: number;
  ms: number;
  result: Record<string, unknown> | null;
  error: string | null;
}

/** What a run came to. */
interface FillReport {
  cycle_id: string | null;
  steps: FillStepReport[];
  next_cycle: string | null;
  /** Why it ended where it did, when no step was left to claim. */
  idle: NoFillStep | null;
}

async function endOf(
  tools: FillTools,
  step: LeasedFillStep,
  deadline: number,
): Promise<FillStepEnd> {
  try {
    return await FILL_WORK[step.step](tools, step, deadline);
  } catch (error) {
    // Nothing can be written down now: the lease runs out, and the step is taken up again.
    if (error instanceof DatabaseError && error.unavailable) throw error;
    return { kind: "broken", error: error instanceof Error ? error.message : String(error) };
  }
}

async function workStep(
  tools: FillTools,
  step: LeasedFillStep,
  deadline: number,
  warn: Warn,
): Promise<{ report: FillStepReport; nextCycle: string | null }> {
  const startedAt = Date.now();
  const lease = keepLeases(
    (tokens) => Promise.all(tokens.map((token) => heartbeatFillStep(tools.database, token))),
    new Set([step.lease_token]),
    (error) => warn("a heartbeat failed", error),
  );
  try {
    const end = await endOf(tools, step, Math.min(deadline, startedAt + LONGEST_STEP_MS));
    const settled = await settleFillStep(tools.database, step.lease_token, end);
    return {
      report: {
        step: step.step,
        status: settled.held ? settled.status : "taken_over",
        attempt: step.attempt,
        ms: Date.now() - startedAt,
        result: end.kind === "done" ? end.result : null,
        error: end.kind === "broken" ? end.error : null,
      },
      nextCycle: settled.held ? settled.next_cycle : null,
    };
  } finally {
    lease.stop();
  }
}

/**
 * One run of the agent: claims a step of the cycle of this slot, does it, settles it with its token.
 * Whoever settles a step has the next one invoked, so a run takes a second step only where it is given
 * time for one, or steps by name.
 * @param deadline epoch milliseconds after which no step is begun.
 * @throws DatabaseError when the database does not answer; the lease then runs out by itself.
 */
export async function runFillAgent(
  tools: FillTools,
  request: FillRequest,
  deadline: number,
  warn: Warn,
): Promise<FillReport> {
  const report: FillReport = { cycle_id: null, steps: [], next_cycle: null, idle: null };
  const enoughForAnother = () =>
    deadline - Date.now() >= (request.steps === undefined ? LONGEST_STEP_MS : 0);
  do {
    const claimed = await claimFillStep(tools.database, {
      ...request,
      first: report.steps.length === 0,
    });
    report.cycle_id = claimed.cycle_id;
    if (!claimed.claimed) {
      report.idle = claimed;
      break;
    }
    const { report: step, nextCycle } = await workStep(tools, claimed, deadline, warn);
    report.steps.push(step);
    report.next_cycle = nextCycle ?? report.next_cycle;
    if (step.status !== "complete" && step.error === null && request.steps === undefined) break;
  } while (enoughForAnother());
  return report;
}
