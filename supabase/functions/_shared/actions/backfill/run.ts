import pLimit from "p-limit";
import { previewExtractions } from "../../store/apply.ts";
import { BACKFILL_QUEUE, type BackfillRow, queueVehicles } from "../../store/backfill.ts";
import type { Store } from "../../store/client.ts";
import { StoreError } from "../../store/error.ts";
import { claimQueue, heartbeatQueue, previewQueue, releaseQueue } from "../../store/queue.ts";
import { type HeldVehicle, loadVehicles } from "../../store/vehicles.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { BatchWriter } from "../micro_scrape/batch_writer.ts";
import { keepLeases } from "../micro_scrape/lease_keeper.ts";
import { type Reread, reread, type RereadTools } from "./reread.ts";
import { type Done, type FieldCounts, fieldCounts, type RowResult, rowResult } from "./result.ts";

/** Pages in hand at once: 8 of 8 MB stay well under the memory of a hosted function. */
const AT_ONCE = 8;
/** Readings that a dry run shows to the database in one call. */
const PREVIEW_BATCH = 20;

/** What a run is asked to do. */
export interface BackfillRequest {
  /** Only these vehicles; those that are not queued are. */
  vehicleIds?: string[];
  batchSize: number;
  dryRun: boolean;
}

/** A row handed back untouched, and why. */
export interface Released {
  id: string;
  vehicle_id: string;
  reason: string;
  message: string;
}

/** What a run did. */
export interface BackfillReport {
  fields: Record<string, FieldCounts>;
  results: RowResult[];
  released: Released[];
}

/** Says that something went wrong that does not end the run. */
export type Report = (what: string, error: unknown) => void;

/** Rows of vehicles that are asked for by name and not queued, as a dry run sees them. */
function asIfQueued(vehicleIds: readonly string[], rows: readonly BackfillRow[]): BackfillRow[] {
  const queued = new Set(rows.map((row) => row.vehicle_id));
  return vehicleIds.filter((id) => !queued.has(id)).map((id) => ({
    id: crypto.randomUUID(),
    vehicle_id: id,
    reason: "manual",
    source_url: null,
    lease_token: null,
    fields_wanted: [],
    reextract: false,
  }));
}

async function takeRows(store: Store, request: BackfillRequest): Promise<BackfillRow[]> {
  const { vehicleIds } = request;
  const limit = Math.max(request.batchSize, vehicleIds?.length ?? 0);
  if (request.dryRun) {
    const rows = await previewQueue(store, BACKFILL_QUEUE, limit, vehicleIds);
    // A preview fences nothing, so its readings carry no token.
    return [...rows, ...asIfQueued(vehicleIds ?? [], rows)]
      .map((row) => ({ ...row, lease_token: null }));
  }
  if (vehicleIds !== undefined) await queueVehicles(store, vehicleIds);
  return await claimQueue(store, BACKFILL_QUEUE, limit, vehicleIds);
}

/** A reading that broke is an attempt that failed: counted, so that no row breaks every run for ever. */
async function rereadOrFailure(
  row: BackfillRow,
  vehicle: HeldVehicle | undefined,
  tools: RereadTools,
  report: Report,
): Promise<Reread> {
  try {
    return await reread(row, vehicle, tools);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    report(`reading ${row.vehicle_id} again broke`, error);
    const message = error instanceof Error ? error.message : String(error);
    return {
      kind: "done",
      from: null,
      item: {
        vehicle_id: row.vehicle_id,
        ...(row.lease_token === null ? {} : {
          request: { queue: BACKFILL_QUEUE.name, id: row.id, lease_token: row.lease_token },
        }),
        source_url: row.source_url ?? "",
        outcome: "server_error",
        error: `reading it again broke: ${message}`,
      },
    };
  }
}

type Ready = Omit<Done, "result">;
type Late = { row: BackfillRow; why: NotStarted };

async function preview(store: Store, ready: readonly Ready[]): Promise<Done[]> {
  const done: Done[] = [];
  for (let at = 0; at < ready.length; at += PREVIEW_BATCH) {
    const batch = ready.slice(at, at + PREVIEW_BATCH);
    const results = await previewExtractions(store, batch.map(({ item }) => item));
    batch.forEach((one, index) => {
      const result = results[index];
      if (result !== undefined) done.push({ ...one, result: { ...result, state: null } });
    });
  }
  return done;
}

/**
 * One run: leases rows (a dry run only looks), reads their listings again, writes what is better,
 * and hands back what it did not begin.
 * @throws StoreError when the database cannot be reached; the leases then run out by themselves.
 */
export async function runBackfill(
  store: Store,
  request: BackfillRequest,
  tools: RereadTools,
  report: Report,
): Promise<BackfillReport> {
  const rows = await takeRows(store, request);
  const tokens = new Set(rows.flatMap((row) => row.lease_token ?? []));
  const leases = keepLeases(
    (held) => heartbeatQueue(store, BACKFILL_QUEUE.name, held),
    tokens,
    (error) => report("a heartbeat failed", error),
  );
  try {
    const vehicles = new Map(
      (await loadVehicles(store, [...new Set(rows.map((row) => row.vehicle_id))]))
        .map((vehicle) => [vehicle.id, vehicle]),
    );
    const limit = pLimit(AT_ONCE);
    const writer = new BatchWriter(store, rows.length);
    const ready: Ready[] = [];
    const done: Done[] = [];
    const late: Late[] = [];
    const settled = await Promise.allSettled(rows.map(async (row) => {
      const vehicle = vehicles.get(row.vehicle_id);
      const one = await limit(() => rereadOrFailure(row, vehicle, tools, report))
        .catch((error) => {
          writer.skip();
          throw error;
        });
      if (one.kind === "not_started") {
        late.push({ row, why: one });
        writer.skip();
      } else if (request.dryRun) {
        ready.push({ row, vehicle, item: one.item, from: one.from });
      } else {
        const result = await writer.write(one.item);
        done.push({ row, vehicle, item: one.item, from: one.from, result });
        if (row.lease_token !== null) tokens.delete(row.lease_token);
      }
    }));
    await release(store, late);
    const broken = settled.find((one) => one.status === "rejected");
    if (broken !== undefined) throw broken.reason;
    if (request.dryRun) done.push(...await preview(store, ready));
    return {
      fields: fieldCounts(done),
      results: done.map(rowResult),
      released: late.map(({ row, why }) => ({
        id: row.id,
        vehicle_id: row.vehicle_id,
        reason: why.reason,
        message: why.message,
      })),
    };
  } finally {
    leases.stop();
  }
}

async function release(store: Store, late: readonly Late[]): Promise<void> {
  await releaseQueue(
    store,
    BACKFILL_QUEUE.name,
    late.flatMap(({ row, why }) =>
      row.lease_token === null
        ? []
        // What only ran out of time is due at once.
        : [{
          id: row.id,
          lease_token: row.lease_token,
          retry_at: why.reason === "deadline" ? null : why.retryAt,
        }]
    ),
  );
}
