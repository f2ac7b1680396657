import {
  applyExtractions,
  type ApplyItem,
  type ApplyResult,
  previewExtractions,
} from "../../database/apply.ts";
import type { DatabaseClient } from "../../database/client.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { reportEach, workAll } from "../lease/work.ts";
import { type Action, itemOf } from "./item.ts";
import { type Reading, readListing, type ReadOptions } from "./read_listing.ts";
import { notRead, type ReadingReport, reportOf } from "./report.ts";
import { writeReadings } from "./write.ts";

/** How listings are read and what of them is written. */
interface Scrape extends ReadOptions {
  fetcher: Fetcher;
  action: Action;
  dryRun: boolean;
}

/** A vehicle whose listing was read and written, or whose turn did not come. */
type Scraped<Vehicle> =
  | { vehicle: Vehicle; reading: Exclude<Reading, NotStarted>; report: ReadingReport }
  | { vehicle: Vehicle; reading: NotStarted; report: ReadingReport };

/** Applies items, or with `dryRun` says what applying would change. */
export async function settle(
  database: DatabaseClient,
  items: ApplyItem[],
  dryRun: boolean,
): Promise<ReadingReport[]> {
  const results = await (dryRun ? previewExtractions : applyExtractions)(database, items);
  return results.map(reportOf);
}

/** A listing that was read, and the part of it that is written. */
interface ReadVehicle {
  kind: "done";
  item: ApplyItem;
  reading: Exclude<Reading, NotStarted>;
}

/**
 * Reads the listing of each vehicle once and writes what the action writes of it, 20 in a round
 * trip: a hundred at once could take longer than the database allows, and all of them would be lost.
 * @throws DatabaseError when the database cannot be reached.
 */
export async function scrapeEach<Vehicle extends { id: string; url: string }>(
  database: DatabaseClient,
  vehicles: readonly Vehicle[],
  { fetcher, action, dryRun, ...options }: Scrape,
): Promise<Scraped<Vehicle>[]> {
  fetcher.expect(vehicles.map(({ url }) => url));
  const worked = await workAll<Vehicle, ReadVehicle, ApplyResult>(vehicles, {
    async work({ id, url }) {
      const reading = await readListing(fetcher, url, { keepSnapshot: !dryRun, ...options });
      if (reading.kind === "not_started") return reading;
      return { kind: "done", reading, item: { vehicle_id: id, ...itemOf(url, reading, action) } };
    },
    write: writeReadings({ database, fetcher, dryRun }),
  });
  return reportEach<Vehicle, ReadVehicle, ApplyResult, Scraped<Vehicle>>(vehicles, worked, {
    finished: ({ row, one, result }) => ({
      vehicle: row,
      reading: one.reading,
      report: reportOf(result),
    }),
    released: ({ row, why }) => ({
      vehicle: row,
      reading: why,
      report: notRead(row.id, "not_started", why.message),
    }),
  });
}

/** The same of vehicles of which nothing but the report is wanted. @throws DatabaseError */
export async function scrapeVehicles(
  database: DatabaseClient,
  vehicles: readonly { id: string; url: string }[],
  scrape: Scrape,
): Promise<ReadingReport[]> {
  return (await scrapeEach(database, vehicles, scrape)).map(({ report }) => report);
}
