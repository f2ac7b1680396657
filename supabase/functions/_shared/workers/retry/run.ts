import type { DatabaseClient } from "../../database/client.ts";
import { claimOrPreview } from "../../database/lease.ts";
import {
  makeRetriesDue,
  RETRY_QUEUE,
  type RetryRow,
  vehiclesWithSteps,
} from "../../database/retries.ts";
import { hostOf } from "../../domain/host.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { SnapshotReader } from "../backfill/read_snapshot.ts";
import type { Describe } from "../description/describe.ts";
import type { ImageTools } from "../images/download.ts";
import { rowNote } from "../lease/row_note.ts";
import { leaseOf, type Warn, workAll } from "../lease/work.ts";
import { ImageRetries } from "./images.ts";
import type { PageFrom } from "../scrape/read_listing.ts";
import { ended } from "./item.ts";
import { type RetryContext, tryAgain } from "./one.ts";
import { SharedPages } from "./pages.ts";
import { writeTries, type Written } from "./write.ts";

/** What a run is asked to do. */
interface RetryRequest {
  batchSize: number;
  /** Only these vehicles; what of them waits for its time is tried now. */
  vehicleIds?: string[];
  /** Only these steps. */
  stepNames?: string[];
  dryRun: boolean;
}

/** What a run needs of the outside. */
interface RetryTools {
  fetcher: Fetcher;
  snapshots: SnapshotReader;
  images: ImageTools;
  describe: Describe;
  /** Epoch milliseconds after which no row is begun. */
  deadline: number;
}

/** A step that was tried, for the caller. */
type StepTried = {
  id: string;
  step_name: string;
  /** Where its page came from; null when none was read. */
  from: PageFrom;
} & Written;

/** What a run did. */
interface RetryReport {
  results: StepTried[];
  /** Handed back untouched: images that wait for their turn, a busy host, no time left. */
  released: {
    id: string;
    vehicle_id: string | null;
    step_name: string;
    reason: string;
    message: string;
    retry_at: string;
  }[];
}

/** A claim knows no steps: so many rows are looked at for each that is wanted. */
const ROWS_LOOKED_AT = 4;

async function rowsOf(database: DatabaseClient, request: RetryRequest): Promise<RetryRow[]> {
  const { batchSize, vehicleIds, stepNames, dryRun } = request;
  if (vehicleIds !== undefined && !dryRun) await makeRetriesDue(database, vehicleIds);
  if (stepNames === undefined) {
    return await claimOrPreview(database, RETRY_QUEUE, { limit: batchSize, vehicleIds }, dryRun);
  }
  const chosen = await vehiclesWithSteps(database, stepNames, vehicleIds, batchSize);
  if (chosen.length === 0) return [];
  const limit = batchSize * ROWS_LOOKED_AT;
  const rows = await claimOrPreview(database, RETRY_QUEUE, { limit, vehicleIds: chosen }, dryRun);
  const wanted = rows.filter((row) => stepNames.includes(row.step_name)).slice(0, batchSize);
  if (!dryRun) {
    const others = rows.filter((row) => !wanted.includes(row));
    const why = { message: "another step than was asked for", retryAt: null };
    await RETRY_QUEUE.release(database, others.map((row) => ({ row, ...why })));
  }
  return wanted;
}

/** Pages that more than one row is after. */
function sharedPages(rows: readonly RetryRow[]): Set<string> {
  const urls = rows.flatMap(({ vehicle }) => vehicle?.url ?? []);
  return new Set(urls.filter((url, index) => urls.indexOf(url) !== index));
}

/**
 * One run: leases steps that failed (a dry run only looks), tries each of them again and nothing
 * else, and hands back what it did not begin.
 * @throws DatabaseError when the database cannot be reached; the leases then run out by themselves.
 */
export async function runRetries(
  database: DatabaseClient,
  request: RetryRequest,
  tools: RetryTools,
  warn: Warn,
): Promise<RetryReport> {
  const { dryRun } = request;
  const rows = await rowsOf(database, request);
  const ofImages = rows.filter((row) => row.step_name === "backfill_images");
  const context: RetryContext = {
    pages: new SharedPages(tools.fetcher, tools.snapshots, sharedPages(rows), !dryRun),
    images: new ImageRetries(tools.images, ofImages.flatMap((row) => row.vehicle_id ?? []), dryRun),
    describe: tools.describe,
    dryRun,
    deadline: tools.deadline,
  };
  const { finished, released } = await workAll(rows, {
    deadline: tools.deadline,
    host: ({ vehicle }) => hostOf(vehicle?.url ?? ""),
    work: (row) => tryAgain(row, context),
    failure: (row, message) => ended(row, "server_error", `trying it again broke: ${message}`),
    write: (items) => writeTries({ database, fetcher: tools.fetcher, dryRun }, items),
    lease: leaseOf(database, RETRY_QUEUE),
    note: (row, _, result) => ({
      ...rowNote(row, result),
      url: row.vehicle?.url ?? null,
    }),
    warn,
  });
  return {
    results: finished.map(({ row, one, result }) => ({
      id: row.id,
      step_name: row.step_name,
      from: one.from,
      ...result,
    })),
    released: released.map(({ row, why }) => ({
      id: row.id,
      vehicle_id: row.vehicle_id,
      step_name: row.step_name,
      reason: why.reason,
      message: why.message,
      retry_at: why.retryAt,
    })),
  };
}
