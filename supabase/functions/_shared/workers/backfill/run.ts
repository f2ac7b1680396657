import type { ApplyResult } from "../../database/apply.ts";
import { BACKFILL_QUEUE, type BackfillRow, queueVehicles } from "../../database/backfill.ts";
import type { DatabaseClient } from "../../database/client.ts";
import { claimOrPreview } from "../../database/lease.ts";
import { loadVehicles } from "../../database/vehicles.ts";
import { hostOf } from "../../domain/host.ts";
import { requestOf } from "../lease/queue.ts";
import { type Job, leaseOf, type Warn, workAll } from "../lease/work.ts";
import { writeReadings } from "../scrape/write.ts";
import { expectPages, reread, type RereadRow, type RereadTools, urlOf } from "./reread.ts";
import { type Done, type FieldCounts, fieldCounts, type RowResult, rowResult } from "./result.ts";

/** What a run is asked to do. */
interface BackfillRequest {
  /** Only these vehicles; those that are not queued are. */
  vehicleIds?: string[];
  batchSize: number;
  dryRun: boolean;
}

/** A row handed back untouched, and why. */
interface Released {
  id: string;
  vehicle_id: string;
  reason: string;
  message: string;
}

/** What a run did. */
interface BackfillReport {
  fields: Record<string, FieldCounts>;
  results: RowResult[];
  released: Released[];
}

/** Rows of vehicles that are asked for by name and not queued, as a dry run sees them. */
async function asIfQueued(
  database: DatabaseClient,
  vehicleIds: readonly string[],
  rows: readonly BackfillRow[],
): Promise<BackfillRow[]> {
  const queued = new Set(rows.map((row) => row.vehicle_id));
  const others = [...new Set(vehicleIds)].filter((id) => !queued.has(id));
  if (others.length === 0) return [];
  const vehicles = new Map((await loadVehicles(database, others)).map((one) => [one.id, one]));
  return others.map((id) => ({
    id: crypto.randomUUID(),
    vehicle_id: id,
    reason: "manual",
    source_url: null,
    lease_token: null,
    fields_wanted: [],
    reextract: false,
    vehicle: vehicles.get(id) ?? null,
  }));
}

async function rowsOf(database: DatabaseClient, request: BackfillRequest): Promise<BackfillRow[]> {
  const { vehicleIds, dryRun } = request;
  const limit = Math.max(request.batchSize, vehicleIds?.length ?? 0);
  if (vehicleIds !== undefined && !dryRun) await queueVehicles(database, vehicleIds);
  const rows = await claimOrPreview(database, BACKFILL_QUEUE, { limit, vehicleIds }, dryRun);
  return dryRun ? [...rows, ...await asIfQueued(database, vehicleIds ?? [], rows)] : rows;
}

/**
 * One run: leases rows (a dry run only looks), reads their listings again, writes what is better,
 * and hands back what it did not begin.
 * @throws DatabaseError when the database cannot be reached; the leases then run out by themselves.
 */
export async function runBackfill(
  database: DatabaseClient,
  request: BackfillRequest,
  tools: RereadTools & {
    /** Epoch milliseconds after which no row is begun. */
    deadline: number;
  },
  warn: Warn,
): Promise<BackfillReport> {
  const rows = await rowsOf(database, request);
  expectPages(rows, tools);
  const job: Job<BackfillRow, RereadRow, ApplyResult> = {
    deadline: tools.deadline,
    host: (row) => hostOf(urlOf(row) ?? ""),
    work: (row) => reread(row, tools),
    failure: (row, message) => ({
      kind: "done",
      from: null,
      item: {
        vehicle_id: row.vehicle_id,
        ...requestOf(BACKFILL_QUEUE.name, row),
        source_url: row.source_url ?? "",
        outcome: "server_error",
        error: `reading it again broke: ${message}`,
      },
    }),
    write: writeReadings({ database, fetcher: tools.fetcher, dryRun: request.dryRun }),
    lease: leaseOf(database, BACKFILL_QUEUE),
    warn,
  };
  const { finished, released } = await workAll(rows, job);
  const read = finished.map(({ row, one, result }): Done => ({ row, from: one.from, result }));
  return {
    fields: fieldCounts(read),
    results: read.map(rowResult),
    released: released.map(({ row, why }) => ({
      id: row.id,
      vehicle_id: row.vehicle_id,
      reason: why.reason,
      message: why.message,
    })),
  };
}
