import pLimit from "p-limit";
import type { Fetcher } from "../fetching/fetcher.ts";
import {
  applyExtractions,
  type ApplyItem,
  type ApplyResult,
  previewExtractions,
} from "../store/apply.ts";
import type { Store } from "../store/client.ts";
import type { HeldVehicle } from "../store/vehicles.ts";
import { applied, readListing } from "./read_listing.ts";

/** Pages in flight at once. */
const AT_ONCE = 8;

/** What became of one vehicle of a call. */
export interface VehicleReport {
  vehicle_id: string;
  /** Outcome code of the attempt; `not_started` when its turn did not come. */
  outcome: string;
  error: string | null;
  changes: ApplyResult["changes"];
  fields_updated: string[];
  conflicts: string[];
  score_before: number | null;
  score_after: number | null;
}

/** The part of a reading that an action writes. */
export type Pick = (item: Omit<ApplyItem, "vehicle_id">) => Omit<ApplyItem, "vehicle_id">;

/** An action that writes all that the page says. */
export const everything: Pick = (item) => item;

/** The step that an action is there for: of the page it only says whether that one could be done. */
function stepOnly(steps: ApplyItem["steps"], own: string): ApplyItem["steps"] {
  return steps?.flatMap((step) => {
    if (step.step_name === own) return [step];
    return step.step_name === "extract_data" && step.status === "failed"
      ? [{ ...step, step_name: own }]
      : [];
  });
}

/** An action that writes the image URLs and nothing else. */
export const imagesOnly: Pick = ({ facts: _, retractions: _r, absent: _a, ...rest }) => {
  const { auction: _auction, bids: _bids, comments: _comments, ...images } = rest;
  return { ...images, steps: stepOnly(rest.steps, "extract_images") };
};

const STEP_OF_FIELD = { vin: "extract_vin", description: "generate_description" } as const;

/** An action that writes one field and nothing else. */
export function fieldOnly(field: "vin" | "description"): Pick {
  return ({ facts, absent, ...rest }) => {
    const { images: _, retractions: _r, auction: _a, bids: _b, comments: _c, ...bare } = rest;
    const fact = facts?.[field];
    return {
      ...bare,
      ...(facts === undefined ? {} : { facts: fact === undefined ? {} : { [field]: fact } }),
      ...(absent?.includes(field) ? { absent: [field] } : {}),
      steps: stepOnly(rest.steps, STEP_OF_FIELD[field]),
    };
  };
}

function notStarted(vehicle: HeldVehicle, message: string): VehicleReport {
  return {
    vehicle_id: vehicle.id,
    outcome: "not_started",
    error: message,
    changes: {},
    fields_updated: [],
    conflicts: [],
    score_before: null,
    score_after: null,
  };
}

/** What `apply_extractions` said of an item, for the caller. */
export function reportOf(item: ApplyItem, result: ApplyResult): VehicleReport {
  return {
    vehicle_id: item.vehicle_id,
    outcome: result.status === "applied" ? item.outcome : result.status,
    error: result.error ?? item.error ?? null,
    changes: result.changes,
    fields_updated: result.fields_updated,
    conflicts: result.conflicts,
    score_before: result.score_before ?? null,
    score_after: result.score_after ?? null,
  };
}

/** Applies items, or with `dryRun` says what applying would change. */
export async function settle(
  store: Store,
  items: ApplyItem[],
  dryRun: boolean,
): Promise<VehicleReport[]> {
  const results = await (dryRun ? previewExtractions : applyExtractions)(store, items);
  return items.flatMap((item, index) => {
    const result = results[index];
    return result === undefined ? [] : [reportOf(item, result)];
  });
}

/**
 * Reads the listing of each vehicle once and writes what the action picks of it, in one batch.
 * @throws StoreError when the database cannot be reached.
 */
export async function scrapeVehicles(
  store: Store,
  fetcher: Fetcher,
  vehicles: readonly (HeldVehicle & { url: string })[],
  pick: Pick,
  dryRun: boolean,
): Promise<VehicleReport[]> {
  const limit = pLimit(AT_ONCE);
  const late: VehicleReport[] = [];
  const items = await Promise.all(vehicles.map((vehicle) =>
    limit(async () => {
      const reading = await readListing(fetcher, vehicle.url, { keepSnapshot: !dryRun });
      if (reading.kind === "not_started") {
        late.push(notStarted(vehicle, reading.message));
        return [];
      }
      return [{ vehicle_id: vehicle.id, ...pick(applied(vehicle.url, reading)) }];
    })
  ));
  return [...await settle(store, items.flat(), dryRun), ...late];
}
