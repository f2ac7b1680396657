import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";
import type { Leased } from "./lease.ts";

const otherRun = z.object({
  run_id: uuid.nullable(),
  running_since: z.string().nullable(),
  triggered_by: z.string().nullable(),
  lease_expires_at: z.string().nullable(),
});
/** A run of the pipeline that is under way. */
export type OtherRun = z.infer<typeof otherRun>;

const claimed = z.discriminatedUnion("claimed", [
  z.object({ claimed: z.literal(true), run_id: uuid, lease_token: uuid }),
  otherRun.extend({ claimed: z.literal(false) }),
]);

/** A run under the lease of this worker. */
export interface LeasedRun extends Leased {
  run_id: string;
  lease_token: string;
}

/** How a run ended. */
export interface RunEnd {
  status: "completed" | "completed_with_errors" | "failed";
  steps: readonly object[];
  metrics: Record<string, unknown> | null;
  error: string | null;
}

/** Begins a run under a lease, unless one is under way; then says which. @throws DatabaseError */
export async function claimRun(database: DatabaseClient, triggeredBy: string) {
  const answer = await database.rpc("claim_pipeline_run", { p_triggered_by: triggeredBy });
  return claimed.parse(unwrap("claim_pipeline_run", answer));
}

/** The run that is under way, or null. @throws DatabaseError */
export async function runningRun(database: DatabaseClient): Promise<OtherRun | null> {
  return otherRun.nullable().parse(
    unwrap("running_pipeline_run", await database.rpc("running_pipeline_run")),
  );
}

/** Extends the lease and notes the steps done; false: the run is no longer ours. @throws DatabaseError */
export async function heartbeatRun(
  database: DatabaseClient,
  run: LeasedRun,
  steps?: readonly object[],
): Promise<boolean> {
  const answer = await database.rpc("heartbeat_pipeline_run", {
    p_run_id: run.run_id,
    p_token: run.lease_token,
    ...(steps === undefined ? {} : { p_steps: asJson(steps) }),
  });
  return z.boolean().parse(unwrap("heartbeat_pipeline_run", answer));
}

/** Ends a run; false: it was no longer ours, and nothing was changed. @throws DatabaseError */
export async function settleRun(
  database: DatabaseClient,
  run: LeasedRun,
  end: RunEnd,
): Promise<boolean> {
  const answer = await database.rpc("settle_pipeline_run", {
    p_run_id: run.run_id,
    p_token: run.lease_token,
    p_status: end.status,
    p_steps: asJson(end.steps),
    ...(end.metrics === null ? {} : { p_metrics: asJson(end.metrics) }),
    ...(end.error === null ? {} : { p_error: end.error }),
  });
  return z.boolean().parse(unwrap("settle_pipeline_run", answer));
}

const counts = z.record(z.string(), z.int());

/** Takes back what workers that died still hold; gives how many rows of each table. @throws DatabaseError */
export async function rescueExpiredLeases(database: DatabaseClient) {
  return counts.parse(
    unwrap("rescue_expired_leases", await database.rpc("rescue_expired_leases")),
  );
}

/** What `rescueExpiredLeases` would take back. Changes nothing. @throws DatabaseError */
export async function countExpiredLeases(database: DatabaseClient) {
  return counts.parse(unwrap("count_expired_leases", await database.rpc("count_expired_leases")));
}

const autoQueued = z.array(z.object({ queued_count: z.int(), skipped_count: z.int() })).length(1);

/** Queues Bring a Trailer vehicles to be repaired. @throws DatabaseError */
export async function autoQueueBatBackfills(
  database: DatabaseClient,
  batchSize: number,
  priority: number,
) {
  const answer = await database.rpc("auto_queue_bat_backfills", {
    p_batch_size: batchSize,
    p_priority: priority,
  });
  const [row] = autoQueued.parse(unwrap("auto_queue_bat_backfills", answer));
  return { queued: row?.queued_count ?? 0, skipped: row?.skipped_count ?? 0 };
}

const candidates = z.array(
  z.object({ vehicle_id: uuid, reason: z.string(), bat_url: z.string() }),
);

/** The vehicles that `autoQueueBatBackfills` would queue. Changes nothing. @throws DatabaseError */
export async function batBackfillCandidates(
  database: DatabaseClient,
  limit: number,
  priority: number,
) {
  const answer = await database.rpc("queue_bat_backfill_vehicles", {
    p_limit: limit,
    p_priority: priority,
  });
  return candidates.parse(unwrap("queue_bat_backfill_vehicles", answer));
}

const queueWork = z.array(z.object({
  queue: z.string(),
  function: z.string(),
  due: z.int(),
  /** For how many runs there is a place outside the edge runtime; a database of before does not say. */
  outside: z.int().default(0),
}));
/** A queue, the function that works it, and how much it could begin now, counted up to a bound. */
export type QueueWork = z.infer<typeof queueWork>[number];

/** What could be worked on now, by queue. Changes nothing. @throws DatabaseError */
export async function pipelineWork(database: DatabaseClient): Promise<QueueWork[]> {
  return queueWork.parse(unwrap("pipeline_work", await database.rpc("pipeline_work")));
}

/** The metrics of the pipeline; the view `pipeline_status` says the same in words. @throws DatabaseError */
export async function pipelineMetrics(database: DatabaseClient): Promise<Record<string, unknown>> {
  const answer = unwrap("pipeline_metrics", await database.rpc("pipeline_metrics"));
  return z.record(z.string(), z.unknown()).parse(answer);
}
