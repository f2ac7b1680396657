import type { ApplyResult } from "../../database/apply.ts";
import type { DatabaseClient } from "../../database/client.ts";
import { claimOrPreview } from "../../database/lease.ts";
import { type CheckRow, LISTING_CHECKS, makeChecksDue } from "../../database/listing_checks.ts";
import { hostOf } from "../../domain/host.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { requestOf } from "../lease/queue.ts";
import { type Job, leaseOf, type Warn, workAll } from "../lease/work.ts";
import { itemOf } from "../scrape/item.ts";
import { pageFrom, readListing } from "../scrape/read_listing.ts";
import { writeReadings } from "../scrape/write.ts";
import { type Looked, type LookResult, lookResult } from "./result.ts";

/** What a run is asked to do. */
interface CheckRequest {
  /** Only the listings of these rows, due or not. */
  named?: readonly CheckRow[];
  batchSize: number;
  /** Epoch milliseconds after which no listing is begun. */
  deadline: number;
  dryRun: boolean;
}

/** A listing that was not looked at, and why. */
interface NotLooked {
  id: string;
  listing_id: number;
  listing_url: string;
  reason: string;
  message: string;
}

/** What a run did. */
interface CheckReport {
  results: LookResult[];
  released: NotLooked[];
}

async function rowsOf(database: DatabaseClient, request: CheckRequest): Promise<CheckRow[]> {
  const { named, dryRun, batchSize } = request;
  if (named === undefined) {
    return await claimOrPreview(database, LISTING_CHECKS, { limit: batchSize }, dryRun);
  }
  if (dryRun) return [...named];
  await makeChecksDue(database, named);
  const vehicleIds = [...new Set(named.map(({ vehicle_id }) => vehicle_id))];
  return await LISTING_CHECKS.claim(database, { limit: named.length, vehicleIds });
}

/** Asks for the page of a listing, whoever read it before; the site may say that it is unchanged. */
async function look(
  row: CheckRow,
  fetcher: Fetcher,
  keepSnapshot: boolean,
): Promise<Looked | NotStarted> {
  const reading = await readListing(fetcher, row.listing_url, { keepSnapshot });
  if (reading.kind === "not_started") return reading;
  const item = {
    vehicle_id: row.vehicle_id,
    ...requestOf(LISTING_CHECKS.name, row),
    ...itemOf(row.listing_url, reading),
  };
  return { kind: "done", item, from: pageFrom(reading) };
}

const notLooked = (row: CheckRow, why: { reason: string; message: string }): NotLooked => ({
  id: row.id,
  listing_id: row.listing_id,
  listing_url: row.listing_url,
  reason: why.reason,
  message: why.message,
});

/** Listings that were asked for by name, and that another worker looks at now. */
function leasedToOthers(named: readonly CheckRow[], rows: readonly CheckRow[]): NotLooked[] {
  const ours = new Set(rows.map(({ id }) => id));
  return named.filter(({ id }) => !ours.has(id)).map((row) =>
    notLooked(row, { reason: "leased", message: "another worker reads it" })
  );
}

/**
 * One run over `listing_checks`: leases listings that are for sale or live and due (a dry run only
 * looks), asks for their pages, and writes what they say; the database then sets the next look.
 * @throws DatabaseError when the database cannot be reached; the leases then run out by themselves.
 */
export async function runChecks(
  database: DatabaseClient,
  request: CheckRequest,
  fetcher: Fetcher,
  warn: Warn,
): Promise<CheckReport> {
  const rows = await rowsOf(database, request);
  fetcher.expect(rows.map((row) => row.listing_url));
  const job: Job<CheckRow, Looked, ApplyResult> = {
    deadline: request.deadline,
    host: (row) => hostOf(row.listing_url),
    work: (row) => look(row, fetcher, !request.dryRun),
    failure: (row, message) => ({
      kind: "done",
      from: null,
      item: {
        vehicle_id: row.vehicle_id,
        ...requestOf(LISTING_CHECKS.name, row),
        source_url: row.listing_url,
        outcome: "server_error",
        error: `reading it broke: ${message}`,
      },
    }),
    write: writeReadings({ database, fetcher, dryRun: request.dryRun }),
    lease: leaseOf(database, LISTING_CHECKS),
    warn,
  };
  const { finished, released } = await workAll(rows, job);
  return {
    results: finished.map(({ row, one, result }) => lookResult(row, one, result)),
    released: [
      ...released.map(({ row, why }) => notLooked(row, why)),
      ...leasedToOthers(request.named ?? [], rows),
    ],
  };
}
