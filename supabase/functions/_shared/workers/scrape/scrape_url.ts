import type { DatabaseClient } from "../../database/client.ts";
import type { Extraction } from "../../domain/extraction.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { itemOf } from "./item.ts";
import { readListing } from "./read_listing.ts";
import type { ReadingReport } from "./report.ts";
import { settle } from "./vehicles.ts";

/** What came of reading one URL. */
interface UrlReport {
  url: string;
  /** Outcome code of the attempt; `not_started` when its turn did not come. */
  outcome: string;
  error: string | null;
  /** All that the page says; null when there was no page to read. */
  extraction: Extraction | null;
  /** What it changed, or in a dry run would change, of the vehicle; null without one. */
  result: ReadingReport | null;
}

/**
 * Reads one listing by its URL, whatever its source. For a vehicle it is applied like any reading;
 * without one nothing is kept but the page itself, and in a dry run not even that.
 * @throws DatabaseError when the database cannot be reached.
 */
export async function scrapeUrl(
  database: DatabaseClient,
  fetcher: Fetcher,
  url: string,
  vehicleId: string | null,
  dryRun: boolean,
): Promise<UrlReport> {
  const reading = await readListing(fetcher, url, { keepSnapshot: !dryRun });
  const extraction = reading.kind === "read" ? reading.extraction : null;
  if (reading.kind === "not_started") {
    return { url, outcome: "not_started", error: reading.message, extraction, result: null };
  }
  const item = itemOf(url, reading);
  const [result = null] = vehicleId === null
    ? []
    : await settle(database, [{ vehicle_id: vehicleId, ...item }], dryRun);
  const { outcome, error = null } = result ?? item;
  return { url, outcome, error, extraction, result };
}
