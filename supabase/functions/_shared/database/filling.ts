import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";

/** The steps of a cycle of database-fill-agent, in their order. */
export const FILL_STEPS = [
  "assess_state",
  "process_queue",
  "check_target",
  "activate_sources",
  "discover_sources",
  "monitor_quality",
  "schedule_next",
] as const;
export type FillStepName = typeof FILL_STEPS[number];

const object = z.record(z.string(), z.unknown());

const leased = z.object({
  claimed: z.literal(true),
  cycle_id: z.string(),
  step_id: uuid,
  step: z.enum(FILL_STEPS),
  lease_token: uuid,
  /** Where the step goes on; null: at its beginning. */
  cursor: object.nullable(),
  attempt: z.int(),
});
/** A step under the lease of this worker. */
export type LeasedFillStep = z.infer<typeof leased>;

const idle = z.object({
  claimed: z.literal(false),
  why: z.string(),
  cycle_id: z.string().nullable(),
  /** The step that another worker is at, and until when. */
  step: z.string().nullish(),
  lease_expires_at: z.string().nullish(),
  next_due_at: z.string().nullish(),
  what_to_type: z.string().nullish(),
});
/** Why no step was claimed. */
export type NoFillStep = z.infer<typeof idle>;

const claim = z.discriminatedUnion("claimed", [leased, idle]);

/** Which step a run takes. */
interface FillClaim {
  triggeredBy: string;
  /** Only of this cycle. */
  cycleId?: string;
  /** Only these, due or not. */
  steps?: FillStepName[];
  /** The first claim of a run: steps that are named are done again. */
  first: boolean;
}

/** Leases the next step of the cycle of this slot, begun by this call where needed. @throws DatabaseError */
export async function claimFillStep(
  database: DatabaseClient,
  { triggeredBy, cycleId, steps, first }: FillClaim,
): Promise<LeasedFillStep | NoFillStep> {
  const answer = await database.rpc("claim_fill_step", {
    p_triggered_by: triggeredBy,
    p_cycle_id: cycleId,
    p_steps: steps,
    p_first: first,
  });
  return claim.parse(unwrap("claim_fill_step", answer));
}

/** Extends the lease of a step; false: it is no longer this worker's. @throws DatabaseError */
export async function heartbeatFillStep(database: DatabaseClient, token: string): Promise<boolean> {
  const answer = await database.rpc("heartbeat_fill_step", { p_token: token });
  return z.boolean().parse(unwrap("heartbeat_fill_step", answer));
}

/** How a step ended: done, to go on at a cursor, or broken. */
export type FillStepEnd =
  | { kind: "done"; result: Record<string, unknown> }
  | { kind: "goes_on"; cursor: Record<string, unknown> }
  | { kind: "broken"; error: string };

const settled = z.discriminatedUnion("held", [
  z.object({
    held: z.literal(true),
    status: z.enum(["pending", "complete", "failed"]),
    next_cycle: z.string().nullable(),
  }),
  z.object({ held: z.literal(false) }),
]);
/** What became of a step; not `held`: another worker had taken it over, and nothing was written. */
type SettledFillStep = z.infer<typeof settled>;

/** Ends a step, and has the next one worked. @throws DatabaseError */
export async function settleFillStep(
  database: DatabaseClient,
  token: string,
  end: FillStepEnd,
): Promise<SettledFillStep> {
  const answer = await database.rpc("settle_fill_step", {
    p_token: token,
    ...(end.kind === "done" ? { p_result: asJson(end.result) } : {}),
    ...(end.kind === "goes_on" ? { p_cursor: asJson(end.cursor) } : {}),
    ...(end.kind === "broken" ? { p_error: end.error } : {}),
  });
  return settled.parse(unwrap("settle_fill_step", answer));
}

/** What the agent would do now. Changes nothing. @throws DatabaseError */
export async function previewFillCycle(database: DatabaseClient, steps?: FillStepName[]) {
  const answer = await database.rpc("preview_fill_cycle", { p_steps: steps });
  return z.looseObject({ would: object }).parse(unwrap("preview_fill_cycle", answer));
}

/** What a cycle begins with. @throws DatabaseError */
export async function assessFillState(database: DatabaseClient, cycleId: string) {
  const answer = await database.rpc("assess_fill_state", { p_cycle_id: cycleId });
  return object.parse(unwrap("assess_fill_state", answer));
}

/** How a cycle stands, and what is left to try. @throws DatabaseError */
export async function checkFillTarget(database: DatabaseClient, cycleId: string) {
  const answer = await database.rpc("check_fill_target", { p_cycle_id: cycleId });
  return object.parse(unwrap("check_fill_target", answer));
}

/** Sets how many workers run, and invokes those that have work. @throws DatabaseError */
export async function scaleWorkers(database: DatabaseClient, cycleId: string) {
  const answer = await database.rpc("scale_workers", { p_cycle_id: cycleId });
  return object.parse(unwrap("scale_workers", answer));
}

/** Moves sources on by what came of them. @throws DatabaseError */
export async function reviewSources(database: DatabaseClient, cycleId: string) {
  const answer = await database.rpc("review_sources", { p_cycle_id: cycleId });
  return object.parse(unwrap("review_sources", answer));
}

/** Has the feeds of sources that serve checked sooner. @throws DatabaseError */
export async function activateSources(database: DatabaseClient, cycleId: string) {
  const answer = await database.rpc("activate_sources", { p_cycle_id: cycleId });
  return object.parse(unwrap("activate_sources", answer));
}

const portion = z.looseObject({ done: z.boolean(), cursor: object.nullable() });

/** Measures a portion of what came in. @throws DatabaseError */
export async function measureFillQuality(
  database: DatabaseClient,
  cycleId: string,
  cursor: Record<string, unknown> | null,
) {
  const answer = await database.rpc("measure_fill_quality", {
    p_cycle_id: cycleId,
    ...(cursor === null ? {} : { p_cursor: asJson(cursor) }),
  });
  return portion.parse(unwrap("measure_fill_quality", answer));
}

/** Acts on what was measured. @throws DatabaseError */
export async function actOnQuality(database: DatabaseClient, cycleId: string) {
  const answer = await database.rpc("act_on_quality", { p_cycle_id: cycleId });
  return object.parse(unwrap("act_on_quality", answer));
}

/** How many sources may be probed in a cycle, as an operator has it. @throws DatabaseError */
export async function newSourcesCeiling(database: DatabaseClient): Promise<number> {
  const answer = await database.from("fill_policy").select("new_sources_ceiling").single();
  return z.object({ new_sources_ceiling: z.int() }).parse(unwrap("fill_policy", answer))
    .new_sources_ceiling;
}
