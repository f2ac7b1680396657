import type { ApplyResult } from "../../database/apply.ts";
import { BAT_QUEUE, type BatRow, queueBatVehicles } from "../../database/bat_queue.ts";
import type { DatabaseClient } from "../../database/client.ts";
import { claimOrPreview } from "../../database/lease.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { readListingUrl } from "../../sources/bringatrailer/listing_url.ts";
import { requestOf } from "../lease/queue.ts";
import { type Job, leaseOf, type Warn, workAll } from "../lease/work.ts";
import { itemOf } from "../scrape/item.ts";
import { FRESH_MS, readListing } from "../scrape/read_listing.ts";
import { writeReadings } from "../scrape/write.ts";
import { NOTHING_SEEN, seenOf } from "./auction_seen.ts";
import { type BatRead, type BatRowResult, batRowResult } from "./result.ts";

/** What a run is asked to do. */
interface BatRequest {
  /** Only these vehicles; those that are not queued are. */
  vehicles?: readonly { id: string; url: string }[];
  batchSize: number;
  /** Only rows that were tried fewer times; it is their limit from then on. */
  maxAttempts?: number;
  dryRun: boolean;
}

/** A row that was not worked on, and why. */
interface BatNotRead {
  /** Null when the vehicle's row is leased to another worker. */
  id: string | null;
  vehicle_id: string;
  reason: string;
  message: string;
}

/** What a run did. */
interface BatReport {
  results: BatRowResult[];
  released: BatNotRead[];
}

type Named = NonNullable<BatRequest["vehicles"]>;

/** Rows of vehicles that are asked for by name and have none to take, as a dry run sees them. */
function asIfQueued(vehicles: Named, rows: readonly BatRow[]): BatRow[] {
  const queued = new Set(rows.map((row) => row.vehicle_id));
  return vehicles.filter(({ id }) => !queued.has(id)).map(({ id, url }) => ({
    id: crypto.randomUUID(),
    vehicle_id: id,
    bat_url: url,
    priority: 100,
    reason: "manual",
    lease_token: null,
  }));
}

async function rowsOf(database: DatabaseClient, request: BatRequest): Promise<BatRow[]> {
  const { vehicles, dryRun, maxAttempts } = request;
  const limit = Math.max(request.batchSize, vehicles?.length ?? 0);
  if (vehicles !== undefined && !dryRun) await queueBatVehicles(database, vehicles);
  const vehicleIds = vehicles?.map(({ id }) => id);
  const wanted = { limit, vehicleIds, maxAttempts };
  const rows = await claimOrPreview(database, BAT_QUEUE, wanted, dryRun);
  return dryRun ? [...rows, ...asIfQueued(vehicles ?? [], rows)] : rows;
}

/** Reads the listing of a row, once for its facts, its bids and its comments. */
async function readRow(
  row: BatRow,
  fetcher: Fetcher,
  keepSnapshot: boolean,
): Promise<BatRead | NotStarted> {
  const asked = { vehicle_id: row.vehicle_id, ...requestOf(BAT_QUEUE.name, row) };
  const listing = readListingUrl(row.bat_url);
  if ("why" in listing) {
    const error = `bat_url: ${listing.why}`;
    const item = { ...asked, source_url: row.bat_url, outcome: "invalid" as const, error };
    return { kind: "done", item, seen: NOTHING_SEEN };
  }
  // The snapshot of an auction that has ended since may be of the minute before.
  const maxAgeMs = row.reason === "auction_ended" ? undefined : FRESH_MS;
  const reading = await readListing(fetcher, listing.url, { keepSnapshot, maxAgeMs });
  if (reading.kind === "not_started") return reading;
  const item = { ...asked, ...itemOf(listing.url, reading) };
  return { kind: "done", item, seen: seenOf(reading) };
}

/** Vehicles that were asked for by name, and whose row is leased to another worker. */
function leasedToOthers(vehicles: Named, rows: readonly BatRow[]): BatNotRead[] {
  const ours = new Set(rows.map((row) => row.vehicle_id));
  return vehicles.filter(({ id }) => !ours.has(id)).map(({ id }) => ({
    id: null,
    vehicle_id: id,
    reason: "leased",
    message: "another worker reads it",
  }));
}

/**
 * One run over `bat_extraction_queue`: leases rows (a dry run only looks), reads their listings,
 * writes what they say and hands back what was not begun.
 * @throws DatabaseError when the database cannot be reached; the leases then run out by themselves.
 */
export async function runBatQueue(
  database: DatabaseClient,
  request: BatRequest,
  fetcher: Fetcher,
  warn: Warn,
): Promise<BatReport> {
  const rows = await rowsOf(database, request);
  fetcher.expect(rows.map((row) => row.bat_url));
  const job: Job<BatRow, BatRead, ApplyResult> = {
    work: (row) => readRow(row, fetcher, !request.dryRun),
    failure: (row, message) => ({
      kind: "done",
      seen: NOTHING_SEEN,
      item: {
        vehicle_id: row.vehicle_id,
        ...requestOf(BAT_QUEUE.name, row),
        source_url: row.bat_url,
        outcome: "server_error",
        error: `reading it broke: ${message}`,
      },
    }),
    write: writeReadings({ database, fetcher, dryRun: request.dryRun }),
    lease: leaseOf(database, BAT_QUEUE),
    warn,
  };
  const { finished, released } = await workAll(rows, job);
  return {
    results: finished.map(({ row, one, result }) => batRowResult(row, one, result)),
    released: [
      ...released.map(({ row, why }) => ({
        id: row.id,
        vehicle_id: row.vehicle_id,
        reason: why.reason,
        message: why.message,
      })),
      ...leasedToOthers(request.vehicles ?? [], rows),
    ],
  };
}
