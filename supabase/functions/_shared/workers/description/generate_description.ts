import pLimit from "p-limit";
import type { ApplyItem } from "../../database/apply.ts";
import type { DatabaseClient } from "../../database/client.ts";
import type { HeldVehicle } from "../../database/vehicles.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { applied, type Reading, readListing } from "../scrape/read_listing.ts";
import { fieldOnly, settle, type VehicleReport } from "../scrape/vehicles.ts";
import type { Describe } from "./describe.ts";

/** Pages in flight at once. */
const AT_ONCE = 8;

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
  const reports: DescriptionReport[] = [];
  const items: ApplyItem[] = [];
  const limit = pLimit(AT_ONCE);
  const one = async (vehicle: HeldVehicle): Promise<void> => {
    if (!isOurs(vehicle)) {
      const by = vehicle.descriptionSource ?? "somebody";
      reports.push(skipped(vehicle, "skipped", `it has a description by ${by}`));
      return;
    }
    const stated = await sourceStates(fetcher, vehicle, dryRun);
    if (stated !== "nothing") {
      if (stated.kind === "not_started") {
        reports.push(skipped(vehicle, "not_started", stated.message));
      } else {
        const item = fieldOnly("description")(applied(vehicle.url ?? "", stated));
        items.push({ vehicle_id: vehicle.id, ...item });
      }
      return;
    }
    const { description: _, ...held } = vehicle.held;
    const written = await describe(held);
    if (written === null) {
      reports.push(
        skipped(vehicle, "skipped", "too little is known: year, make and model at least"),
      );
      return;
    }
    const { text: value, confidence, evidence, method } = written;
    items.push({
      vehicle_id: vehicle.id,
      source_url: vehicle.url ?? "",
      outcome: "ok",
      method,
      facts: { description: { value, confidence, evidence, method } },
      steps: [{ step_name: "generate_description", status: "success" }],
    });
  };
  await Promise.all(vehicles.map((vehicle) => limit(() => one(vehicle))));
  const settled = await settle(database, items, dryRun);
  const texts = new Map(items.map((item) => [item.vehicle_id, item.facts?.description?.value]));
  return [
    ...settled.map((report) => ({
      ...report,
      description: String(texts.get(report.vehicle_id) ?? "") || null,
    })),
    ...reports,
  ];
}
