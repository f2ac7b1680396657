import type { DatabaseClient } from "../../database/client.ts";
import { importListings, previewImports } from "../../database/imports.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { applied, readListing } from "../scrape/read_listing.ts";
import {
  type ItemFilter,
  notStarted,
  reportOf,
  scrapeEach,
  type VehicleReport,
} from "../scrape/vehicles.ts";
import { NOTHING_SEEN, type Seen, seenOf } from "./auction_seen.ts";
import { FRESH_MS } from "./fresh.ts";

/** What came of one step on one listing. */
interface StepReport extends Omit<VehicleReport, "vehicle_id">, Seen {
  url: string;
  /** Null when the listing became no vehicle. */
  vehicle_id: string | null;
  /** Whether this step made the vehicle, or found it to be one that was listed before. */
  created: boolean;
  relisting: boolean;
  /** Parts that could not be written though the rest was, by the name of their step. */
  step_errors: Record<string, string>;
}

interface Asked {
  fetcher: Fetcher;
  /** The part of a reading that the step writes. */
  pick: ItemFilter;
  dryRun: boolean;
}

function notBegun(vehicleId: string | null, url: string, message: string): StepReport {
  return {
    url,
    vehicle_id: vehicleId,
    ...notStarted(message),
    ...NOTHING_SEEN,
    created: false,
    relisting: false,
    step_errors: {},
  };
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
  return await scrapeEach(database, vehicles, { ...asked, maxAgeMs: FRESH_MS }, {
    released: ({ id, url }, message) => notBegun(id, url, message),
    finished: ({ row, one, result }): StepReport => ({
      url: row.url,
      ...reportOf(one.item, result),
      ...seenOf(one.reading),
      created: false,
      relisting: false,
      step_errors: result.step_errors,
    }),
  });
}

/**
 * Runs one step on a listing that may be no vehicle's yet; then it becomes one.
 * @throws DatabaseError when the database cannot be reached.
 */
export async function stepOnListing(
  database: DatabaseClient,
  url: string,
  { fetcher, pick, dryRun }: Asked,
): Promise<StepReport> {
  const options = { keepSnapshot: !dryRun, maxAgeMs: FRESH_MS };
  const reading = await readListing(fetcher, url, options);
  if (reading.kind === "not_started") return notBegun(null, url, reading.message);
  const item = pick(applied(url, reading));
  const [result] = await (dryRun ? previewImports : importListings)(database, [item]);
  if (result === undefined) throw new Error("import_listings gave too few results");
  return {
    url,
    // What a dry run made is taken back, and its id names nothing.
    ...reportOf({ vehicle_id: "", ...item }, result),
    vehicle_id: dryRun && result.created ? null : result.vehicle_id,
    ...seenOf(reading),
    created: result.created,
    relisting: result.relisting,
    step_errors: result.step_errors,
  };
}
