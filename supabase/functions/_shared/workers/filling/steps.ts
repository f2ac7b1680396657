import type { DatabaseClient } from "../../database/client.ts";
import {
  activateSources,
  actOnQuality,
  assessFillState,
  checkFillTarget,
  type FillStepEnd,
  type FillStepName,
  type LeasedFillStep,
  measureFillQuality,
  newSourcesCeiling,
  reviewSources,
  scaleWorkers,
} from "../../database/filling.ts";

/** What the steps need of the outside. */
export interface FillTools {
  database: DatabaseClient;
  /** Looks for new sources, and probes so many at most until then (epoch milliseconds). */
  discover(
    request: { cycleId: string; limit: number; deadline: number; gather: boolean },
  ): Promise<{ more: boolean } & Record<string, unknown>>;
}

/** Does a step until it is done, or its time is up. `deadline` in epoch milliseconds. */
type StepWork = (
  tools: FillTools,
  step: LeasedFillStep,
  deadline: number,
) => Promise<FillStepEnd>;

const done = (result: Record<string, unknown>): FillStepEnd => ({ kind: "done", result });

/** The step goes on elsewhere when acting on what was measured is all that is left. */
const ACT = { part: "act" };

async function monitorQuality(
  { database }: FillTools,
  { cycle_id, cursor }: LeasedFillStep,
  deadline: number,
): Promise<FillStepEnd> {
  if (cursor?.part === ACT.part) {
    return done({ ...cursor, ...await actOnQuality(database, cycle_id) });
  }
  let at = cursor;
  do {
    const { done: measured, cursor: next, ...metrics } = await measureFillQuality(
      database,
      cycle_id,
      at,
    );
    // What was measured is not measured again when acting on it breaks.
    if (measured) return { kind: "goes_on", cursor: { ...metrics, ...ACT } };
    at = next;
  } while (Date.now() < deadline);
  return { kind: "goes_on", cursor: at ?? {} };
}

/** Probes that are not over go on in another call; what is left after so many waits for the next round. */
const MOST_DISCOVERY_CALLS = 6;

function callsOf(cursor: LeasedFillStep["cursor"]): number {
  return typeof cursor?.calls === "number" ? cursor.calls : 0;
}

/** The work of each step. A step sets budgets, invokes workers and reads counters; it never does a worker's work. */
export const FILL_WORK: Record<FillStepName, StepWork> = {
  async assess_state({ database }, { cycle_id }) {
    return done(await assessFillState(database, cycle_id));
  },
  async process_queue({ database }, { cycle_id }) {
    return done(await scaleWorkers(database, cycle_id));
  },
  async check_target({ database }, { cycle_id }) {
    return done(await checkFillTarget(database, cycle_id));
  },
  async activate_sources({ database }, { cycle_id }) {
    const reviewed = await reviewSources(database, cycle_id);
    const { below_target } = await checkFillTarget(database, cycle_id);
    if (below_target !== true) return done({ reviewed, left_out: "on target" });
    return done({ reviewed, ...await activateSources(database, cycle_id) });
  },
  async discover_sources({ database, discover }, { cycle_id, cursor }, deadline) {
    const limit = await newSourcesCeiling(database);
    const before = callsOf(cursor);
    const found = await discover({ cycleId: cycle_id, limit, deadline, gather: before === 0 });
    const calls = before + 1;
    if (found.more && calls < MOST_DISCOVERY_CALLS) return { kind: "goes_on", cursor: { calls } };
    return done({ ...found });
  },
  monitor_quality: monitorQuality,
  // Settling it ends the cycle and begins the next, in one transaction.
  schedule_next: () => Promise.resolve(done({})),
};
