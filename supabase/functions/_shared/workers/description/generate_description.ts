import type { ApplyItem } from "../../database/apply.ts";
import type { DatabaseClient } from "../../database/client.ts";
import type { HeldVehicle } from "../../database/vehicles.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { type Attempt, reportEach, workAll } from "../lease/work.ts";
import { applied, type Reading, readListing } from "../scrape/read_listing.ts";
import { fieldOnly, settle, type VehicleReport } from "../scrape/vehicles.ts";
import type { Describe } from "./describe.ts";

/** What came of one vehicle: `skipped` when it has a description that is not ours. */
type DescriptionReport = VehicleReport & { description: string | null };

function skipped(vehicle: HeldVehicle, outcome: string, error: string): DescriptionReport {
  const description = vehicle.held.description;
  return {
    vehicle_id: vehicle.id,
    outcome,
    error,
    changes: {},
    fields_updated: [],
    conflicts: [],
    score_before: null,
    score_after: null,
    description: typeof description === "string" ? description : null,
  };
}

function isOurs(vehicle: HeldVehicle): boolean {
  return vehicle.held.description === undefined ||
    (vehicle.descriptionSource ?? "").startsWith("generated");
}

async function sourceStates(
  fetcher: Fetcher,
  vehicle: HeldVehicle,
  dryRun: boolean,
): Promise<Reading | "nothing"> {
  if (vehicle.url === null || vehicle.descriptionSource?.startsWith("generated")) return "nothing";
  const reading = await readListing(fetcher, vehicle.url, { keepSnapshot: !dryRun });
  const statesNone = reading.kind === "read" && reading.extraction.outcome === "listing" &&
    reading.extraction.facts.description === undefined;
  return statesNone ? "nothing" : reading;
}

/** What comes of one vehicle: an item to be written, or no more than a report. */
type Described = Attempt<ApplyItem | DescriptionReport>;

async function describeOne(
  vehicle: HeldVehicle,
  fetcher: Fetcher,
  describe: Describe,
  dryRun: boolean,
): Promise<Described | NotStarted> {
  const skip = (why: string): Described => ({
    kind: "done",
    item: skipped(vehicle, "skipped", why),
  });
  if (!isOurs(vehicle)) {
    return skip(`it has a description by ${vehicle.descriptionSource ?? "somebody"}`);
  }
  const stated = await sourceStates(fetcher, vehicle, dryRun);
  if (stated !== "nothing") {
    if (stated.kind === "not_started") return stated;
    const item = fieldOnly("description")(applied(vehicle.url ?? "", stated));
    return { kind: "done", item: { vehicle_id: vehicle.id, ...item } };
  }
  const { description: _, ...held } = vehicle.held;
  const written = await describe(held);
  if (written === null) return skip("too little is known: year, make and model at least");
  const { text: value, confidence, evidence, method } = written;
  return {
    kind: "done",
    item: {
      vehicle_id: vehicle.id,
      source_url: vehicle.url ?? "",
      outcome: "ok",
      method,
      facts: { description: { value, confidence, evidence, method } },
      steps: [{ step_name: "generate_description", status: "success" }],
    },
  };
}

/** Writes what is to be written, in one round trip; a report stays what it is. */
async function write(
  database: DatabaseClient,
  items: readonly (ApplyItem | DescriptionReport)[],
  dryRun: boolean,
): Promise<DescriptionReport[]> {
  const readings = items.filter((item): item is ApplyItem => "source_url" in item);
  const settled = await settle(database, readings, dryRun);
  const reports = new Map(readings.map((item, index) => [item, settled[index]]));
  return items.flatMap((item) => {
    if (!("source_url" in item)) return [item];
    const report = reports.get(item);
    if (report === undefined) return [];
    return [{ ...report, description: String(item.facts?.description?.value ?? "") || null }];
  });
}

/**
 * Gives each vehicle a description: the source's own if its page states one, otherwise one made of
 * the facts held. A description that came from a source or a person is left alone.
 */
export async function generateDescriptions(
  database: DatabaseClient,
  fetcher: Fetcher,
  describe: Describe,
  vehicles: readonly HeldVehicle[],
  dryRun: boolean,
): Promise<DescriptionReport[]> {
  const worked = await workAll<HeldVehicle, Described, DescriptionReport>(vehicles, {
    work: (vehicle) => describeOne(vehicle, fetcher, describe, dryRun),
    write: (items) => write(database, items, dryRun),
  });
  return reportEach(vehicles, worked, {
    finished: ({ result }) => result,
    released: ({ row, why }) => skipped(row, "not_started", why.message),
  });
}
