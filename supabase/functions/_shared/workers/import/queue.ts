import type { DatabaseClient } from "../../database/client.ts";
import { IMPORT_QUEUE, type ImportRow } from "../../database/import_queue.ts";
import type { ImportItem, ImportResult } from "../../database/imports.ts";
import { hostOf } from "../../domain/host.ts";
import { wasRead } from "../../domain/outcome.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { claimOrPreview } from "../../database/lease.ts";
import { requestOf } from "../lease/queue.ts";
import { type Attempt, type Job, leaseOf, type Warn, workAll } from "../lease/work.ts";
import { importItemOf } from "../scrape/item.ts";
import { readListing } from "../scrape/read_listing.ts";
import { type ListingReport, listingReportOf, rowStatus } from "../scrape/report.ts";
import { writeImports } from "../scrape/write.ts";

/** What a run is asked to do. */
interface ImportRequest {
  batchSize: number;
  dryRun: boolean;
}

/** What became of one queued listing. */
export interface ListingResult extends ListingReport {
  id: string;
  listing_url: string;
  /** Of the queue row: complete, failed, or pending when it is tried again; null in a dry run. */
  status: string | null;
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
  /** Imported, and a vehicle before: its own listing, or another one that joined it. */
  known: number;
  joined: number;
  /** Joined, by another auction. */
  relistings: number;
  not_a_vehicle: number;
  gone: number;
  /** To be tried again. */
  waiting: number;
  failed: number;
}

/** Counts what became of listings; each is counted once among imported, not a vehicle, gone, waiting and failed. */
export function importCounts(
  results: readonly Pick<
    ListingResult,
    "outcome" | "status" | "created" | "joined" | "relisting"
  >[],
): ImportCounts {
  const counts = {
    imported: 0,
    created: 0,
    known: 0,
    joined: 0,
    relistings: 0,
    not_a_vehicle: 0,
    gone: 0,
    waiting: 0,
    failed: 0,
  };
  for (const { outcome, status, created, joined, relisting } of results) {
    if (wasRead(outcome)) {
      counts.imported++;
      counts[created ? "created" : "known"]++;
      if (joined) counts.joined++;
      if (relisting) counts.relistings++;
    } else if (status === "pending") counts.waiting++;
    else if (outcome === "not_a_listing") counts.not_a_vehicle++;
    else if (outcome === "gone") counts.gone++;
    else counts.failed++;
  }
  return counts;
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
  fetcher.expect(rows.map((row) => row.listing_url));
  const job: Job<ImportRow, Attempt<ImportItem>, ImportResult> = {
    deadline,
    host: (row) => hostOf(row.listing_url),
    async work(row) {
      const reading = await readListing(fetcher, row.listing_url, { keepSnapshot: !dryRun });
      if (reading.kind === "not_started") return reading;
      const item = importItemOf(row.listing_url, reading);
      return { kind: "done", item: { ...item, ...requestOf(IMPORT_QUEUE.name, row) } };
    },
    failure: (row, message) => ({
      kind: "done",
      item: {
        ...requestOf(IMPORT_QUEUE.name, row),
        source_url: row.listing_url,
        outcome: "server_error",
        error: `reading it broke: ${message}`,
      },
    }),
    write: writeImports({ database, fetcher, dryRun }),
    lease: leaseOf(database, IMPORT_QUEUE),
    warn,
  };
  const { finished, released } = await workAll(rows, job);
  return {
    results: finished.map(({ row, result }) => ({
      id: row.id,
      listing_url: row.listing_url,
      status: rowStatus(row, result),
      ...listingReportOf(result, dryRun),
    })),
    released: released.map(({ row, why }) => ({
      id: row.id,
      listing_url: row.listing_url,
      reason: why.reason,
      message: why.message,
    })),
  };
}
