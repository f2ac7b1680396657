import type { DatabaseClient } from "../../database/client.ts";
import { IMPORT_QUEUE, type ImportRow } from "../../database/import_queue.ts";
import { importListings, type ImportResult, previewImports } from "../../database/imports.ts";
import { claimOrPreview } from "../../database/lease.ts";
import { wasRead } from "../../domain/outcome.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { requestOf } from "../lease/queue.ts";
import { leaseOf, type Warn, workAll } from "../lease/work.ts";
import { readForImport, type ReadListing } from "./item.ts";

/** What a run is asked to do. */
interface ImportRequest {
  batchSize: number;
  dryRun: boolean;
}

/** What became of one listing. */
export interface ListingResult {
  id: string;
  listing_url: string;
  /** Outcome code of the reading, or why it could not be written. */
  outcome: string;
  /** Of the queue row: complete, failed, or pending when it is tried again; null in a dry run. */
  status: string | null;
  /** The vehicle that it became or belongs to; null when it is none, and for one that a dry run would create. */
  vehicle_id: string | null;
  created: boolean;
  /** Another auction of a vehicle that was here already. */
  relisting: boolean;
  error: string | null;
}

/** What a run did. */
interface ImportReport {
  results: ListingResult[];
  /** Handed back untouched, and why. */
  released: { id: string; listing_url: string; reason: string; message: string }[];
}

/** How many listings of a run came to what. */
interface ImportCounts {
  imported: number;
  created: number;
  /** Imported, and a vehicle before: its own listing, or a relisting. */
  known: number;
  relistings: number;
  not_a_vehicle: number;
  gone: number;
  /** To be tried again. */
  waiting: number;
  failed: number;
}

/** Counts what became of listings; each is counted once among imported, not a vehicle, gone, waiting and failed. */
export function importCounts(results: readonly ListingResult[]): ImportCounts {
  const counts = {
    imported: 0,
    created: 0,
    known: 0,
    relistings: 0,
    not_a_vehicle: 0,
    gone: 0,
    waiting: 0,
    failed: 0,
  };
  for (const { outcome, status, created, relisting } of results) {
    if (wasRead(outcome)) {
      counts.imported++;
      counts[created ? "created" : "known"]++;
      if (relisting) counts.relistings++;
    } else if (status === "pending") counts.waiting++;
    else if (outcome === "not_a_listing") counts.not_a_vehicle++;
    else if (outcome === "gone") counts.gone++;
    else counts.failed++;
  }
  return counts;
}

function resultOf(
  row: ImportRow,
  { item }: ReadListing,
  result: ImportResult,
  dryRun: boolean,
): ListingResult {
  return {
    id: row.id,
    listing_url: row.listing_url,
    outcome: result.status === "applied" ? item.outcome : result.status,
    status: dryRun ? null : result.state ?? null,
    vehicle_id: dryRun && result.created ? null : result.vehicle_id,
    created: result.created,
    relisting: result.relisting,
    error: result.error ?? item.error ?? null,
  };
}

/**
 * One run of the worker of the import queue: leases listings of any source (a dry run only looks),
 * reads each once, makes vehicles of them, and hands back what it did not begin.
 * @param deadline epoch milliseconds after which no listing is begun.
 * @throws DatabaseError when the database cannot be reached; the leases then run out by themselves.
 */
export async function runImports(
  database: DatabaseClient,
  { batchSize, dryRun }: ImportRequest,
  { fetcher, deadline }: { fetcher: Fetcher; deadline: number },
  warn: Warn,
): Promise<ImportReport> {
  const rows = await claimOrPreview(database, IMPORT_QUEUE, { limit: batchSize }, dryRun);
  const { finished, released } = await workAll(rows, {
    deadline,
    async work(row) {
      const read = await readForImport(fetcher, row.listing_url, !dryRun);
      if (read.kind === "not_started") return read;
      return { ...read, item: { ...read.item, ...requestOf(IMPORT_QUEUE.name, row) } };
    },
    failure: (row, message): ReadListing => ({
      kind: "done",
      item: {
        ...requestOf(IMPORT_QUEUE.name, row),
        source_url: row.listing_url,
        outcome: "server_error",
        error: `reading it broke: ${message}`,
      },
    }),
    write: (items) => (dryRun ? previewImports : importListings)(database, items),
    lease: leaseOf(database, IMPORT_QUEUE),
    warn,
  });
  return {
    results: finished.map(({ row, one, result }) => resultOf(row, one, result, dryRun)),
    released: released.map(({ row, why }) => ({
      id: row.id,
      listing_url: row.listing_url,
      reason: why.reason,
      message: why.message,
    })),
  };
}
