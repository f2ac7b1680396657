import type { DatabaseClient } from "../../database/client.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { type Action, itemOf } from "../scrape/item.ts";
import { FRESH_MS, readListing } from "../scrape/read_listing.ts";
import { type ListingReport, listingReportOf, NOT_IMPORTED, notRead } from "../scrape/report.ts";
import { scrapeEach } from "../scrape/vehicles.ts";
import { writeImports } from "../scrape/write.ts";
import { type Seen, seenOf } from "./auction_seen.ts";

/** What came of one step on one listing. */
type StepReport = ListingReport & Seen & { url: string };

interface Asked {
  fetcher: Fetcher;
  /** What the step writes of a reading. */
  action: Action;
  dryRun: boolean;
}

/**
 * Runs one step on vehicles: one fetch each at most, none of what was just read.
 * @throws DatabaseError when the database cannot be reached.
 */
export async function stepOnVehicles(
  database: DatabaseClient,
  vehicles: readonly { id: string; url: string }[],
  asked: Asked,
): Promise<StepReport[]> {
  const scraped = await scrapeEach(database, vehicles, { ...asked, maxAgeMs: FRESH_MS });
  return scraped.map(({ vehicle: { url }, reading, report }) => ({
    url,
    ...report,
    ...NOT_IMPORTED,
    ...seenOf(reading),
  }));
}

/**
 * Runs one step on a listing that may be no vehicle's yet; then it becomes one.
 * @throws DatabaseError when the database cannot be reached.
 */
export async function stepOnListing(
  database: DatabaseClient,
  url: string,
  { fetcher, action, dryRun }: Asked,
): Promise<StepReport> {
  const reading = await readListing(fetcher, url, { keepSnapshot: !dryRun, maxAgeMs: FRESH_MS });
  if (reading.kind === "not_started") {
    const report = notRead(null, "not_started", reading.message);
    return { url, ...report, ...NOT_IMPORTED, ...seenOf(reading) };
  }
  const write = writeImports({ database, fetcher, dryRun });
  const [result] = await write([itemOf(url, reading, action)]);
  if (result === undefined) throw new Error("import_listings gave too few results");
  return { url, ...listingReportOf(result, dryRun), ...seenOf(reading) };
}
