import { z } from "zod";
import { FIELD_NAMES } from "../domain/fact.ts";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { picturesWanted } from "./images.ts";
import { type HeldTable, type Previewed, withoutTokens } from "./lease.ts";

const held = z.partialRecord(z.enum(FIELD_NAMES), z.union([z.string(), z.number()]));

const workItem = z.object({
  vehicle_id: uuid,
  lease_token: uuid.nullable(),
  source_url: z.string(),
  source_host: z.string().nullable(),
  quality_score: z.number(),
  missing_fields: z.array(z.string()),
  recommended_actions: z.array(z.string()),
  /** The facts held now. */
  held,
  /** Image URLs known, stored or not. */
  image_urls: z.array(z.unknown()).transform((urls) => urls.filter((u) => typeof u === "string")),
  /** Images stored. */
  image_count: z.int(),
});
/** A vehicle with gaps, as the claim gives it. */
export type WorkItem = z.infer<typeof workItem>;

const work = z.array(workItem);

/** The vehicles to look at next, or those named that no other run holds. */
interface MicroScrapeClaim {
  limit: number;
  vehicleIds?: string[];
}

/** Vehicles with gaps under lease; they are claimed as a run begins. */
export const MICRO_SCRAPE: HeldTable<WorkItem> & Previewed<WorkItem, MicroScrapeClaim> = {
  name: "micro_scrape_state",
  async preview(database, { limit, vehicleIds }) {
    const answer = await database.rpc("preview_micro_scrape", {
      p_limit: limit,
      p_vehicle_ids: vehicleIds,
    });
    return withoutTokens(work.parse(unwrap("preview_micro_scrape", answer)));
  },
  async heartbeat(database, tokens) {
    const answer = await database.rpc("heartbeat_micro_scrape", { p_tokens: tokens });
    unwrap("heartbeat_micro_scrape", answer);
  },
  async release(database, handedBack) {
    const items = handedBack.map(({ row: { vehicle_id, lease_token }, retryAt: retry_at }) => ({
      vehicle_id,
      lease_token,
      retry_at,
    }));
    const answer = await database.rpc("release_micro_scrape", { p_items: items });
    unwrap("release_micro_scrape", answer);
  },
};

const unknownVehicle = z.array(
  z.object({ vehicle_id: z.string(), exists: z.boolean(), reason: z.string() }),
);

/** Which of these ids cannot be worked on, and why. */
export async function findUnknownVehicles(database: DatabaseClient, vehicleIds: string[]) {
  const answer = await database.rpc("find_unknown_vehicles", { p_vehicle_ids: vehicleIds });
  return unknownVehicle.parse(unwrap("find_unknown_vehicles", answer));
}

/** The counts of a run, as in `micro_scrape_runs`. */
export interface RunCounts {
  vehicles_analyzed: number;
  vehicles_improved: number;
  vehicles_marked_complete: number;
  vehicles_exhausted: number;
  actions_executed: number;
  actions_succeeded: number;
  actions_failed: number;
}

const begunRun = z.object({ run_id: uuid, pictures: picturesWanted, work });
/** A run that has begun: its record, which pictures are downloaded, and its vehicles under lease. */
export type BegunRun = z.infer<typeof begunRun>;

/** Opens the record of a run and leases its vehicles, in one call. @throws DatabaseError */
export async function beginRun(
  database: DatabaseClient,
  triggeredBy: string,
  { limit, vehicleIds }: MicroScrapeClaim,
): Promise<BegunRun> {
  const answer = await database.rpc("begin_micro_scrape_run", {
    p_triggered_by: triggeredBy,
    p_limit: limit,
    p_vehicle_ids: vehicleIds,
  });
  return begunRun.parse(unwrap("begin_micro_scrape_run", answer));
}

/** Leaves the record of a run that could not begin. @throws DatabaseError */
export async function noteFailedRun(
  database: DatabaseClient,
  triggeredBy: string,
  error: string,
): Promise<void> {
  const answer = await database.from("micro_scrape_runs").insert({
    triggered_by: triggeredBy,
    status: "failed",
    completed_at: new Date().toISOString(),
    error_message: error,
  });
  unwrap("note a failed run", answer);
}

/** How a run ended. */
export interface RunEnd extends RunCounts {
  status: "completed" | "failed" | "timed_out";
  runtime_ms: number;
  error_message: string | null;
}

/** Closes the record of a run; with `invokesNext` the next one is invoked when vehicles are still due. */
export async function closeRun(
  database: DatabaseClient,
  id: string,
  end: RunEnd,
  invokesNext: boolean,
): Promise<void> {
  const answer = await database.rpc("close_micro_scrape_run", {
    p_run_id: id,
    p_report: { ...end, runtime_ms: Math.round(end.runtime_ms) },
    p_invokes_next: invokesNext,
  });
  unwrap("close_micro_scrape_run", answer);
}
