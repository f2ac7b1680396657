import pLimit from "p-limit";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { applyExtractions, type ApplyItem, previewExtractions } from "../../store/apply.ts";
import type { Store } from "../../store/client.ts";
import { importListings, previewImports } from "../../store/imports.ts";
import { applied, readListing } from "../read_listing.ts";
import { reportOf, type VehicleReport } from "../scrape.ts";
import { NOTHING_SEEN, type Seen, seenOf } from "./auction_seen.ts";
import { FRESH_MS } from "./fresh.ts";
import type { ExtractionStep } from "./steps.ts";

/** Pages in flight at once. */
const AT_ONCE = 8;

/** What came of one step on one listing. */
export interface StepReport extends Omit<VehicleReport, "vehicle_id">, Seen {
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
  step: ExtractionStep;
  dryRun: boolean;
}

type Item = Omit<ApplyItem, "vehicle_id">;
type ReadOne = { url: string; seen: Seen } & ({ item: Item } | { late: string });

/** Reads a listing and picks what the step writes of it; what was just read is not fetched again. */
async function readFor(url: string, { fetcher, step, dryRun }: Asked): Promise<ReadOne> {
  const options = { keepSnapshot: !dryRun, maxAgeMs: FRESH_MS };
  const reading = await readListing(fetcher, url, options);
  if (reading.kind === "not_started") return { url, seen: NOTHING_SEEN, late: reading.message };
  return { url, seen: seenOf(reading), item: step(applied(url, reading)) };
}

function notStarted(vehicleId: string | null, url: string, message: string): StepReport {
  return {
    url,
    vehicle_id: vehicleId,
    outcome: "not_started",
    error: message,
    ...NOTHING_SEEN,
    created: false,
    relisting: false,
    changes: {},
    fields_updated: [],
    conflicts: [],
    score_before: null,
    score_after: null,
    step_errors: {},
  };
}

/**
 * Runs one step on vehicles: one fetch each at most, all written in one batch.
 * @throws StoreError when the database cannot be reached.
 */
export async function stepOnVehicles(
  store: Store,
  vehicles: readonly { id: string; url: string }[],
  asked: Asked,
): Promise<StepReport[]> {
  const limit = pLimit(AT_ONCE);
  const read = await Promise.all(vehicles.map(async ({ id, url }) => ({
    id,
    ...await limit(() => readFor(url, asked)),
  })));
  const items = read.flatMap((one) => "item" in one ? [{ vehicle_id: one.id, ...one.item }] : []);
  const results = await (asked.dryRun ? previewExtractions : applyExtractions)(store, items);
  return read.map((one): StepReport => {
    if ("late" in one) return notStarted(one.id, one.url, one.late);
    const result = results[items.findIndex(({ vehicle_id }) => vehicle_id === one.id)];
    if (result === undefined) throw new Error("apply_extractions gave too few results");
    return {
      url: one.url,
      ...reportOf({ vehicle_id: one.id, ...one.item }, result),
      ...one.seen,
      created: false,
      relisting: false,
      step_errors: result.step_errors,
    };
  });
}

/**
 * Runs one step on a listing that may be no vehicle's yet; then it becomes one.
 * @throws StoreError when the database cannot be reached.
 */
export async function stepOnListing(store: Store, url: string, asked: Asked): Promise<StepReport> {
  const read = await readFor(url, asked);
  if ("late" in read) return notStarted(null, url, read.late);
  const [result] = await (asked.dryRun ? previewImports : importListings)(store, [read.item]);
  if (result === undefined) throw new Error("import_listings gave too few results");
  return {
    url,
    // What a dry run made is taken back, and its id names nothing.
    ...reportOf({ vehicle_id: "", ...read.item }, result),
    vehicle_id: asked.dryRun && result.created ? null : result.vehicle_id,
    ...read.seen,
    created: result.created,
    relisting: result.relisting,
    step_errors: result.step_errors,
  };
}
