import {
  applyExtractions,
  type ApplyItem,
  type ApplyResult,
  previewExtractions,
} from "../../database/apply.ts";
import type { DatabaseClient } from "../../database/client.ts";
import type { HeldVehicle } from "../../database/vehicles.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { type Finished, reportEach, workAll } from "../lease/work.ts";
import { applied, type Reading, readListing, type ReadOptions } from "./read_listing.ts";

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
export type ItemFilter = (item: Omit<ApplyItem, "vehicle_id">) => Omit<ApplyItem, "vehicle_id">;

/** An action that writes all that the page says. */
export const everything: ItemFilter = (item) => item;

/** The step that an action is there for: of the page it only says whether that one could be done. */
export function stepOnly(steps: ApplyItem["steps"], own: string): ApplyItem["steps"] {
  return steps?.flatMap((step) => {
    if (step.step_name === own) return [step];
    return step.step_name === "extract_data" && step.status === "failed"
      ? [{ ...step, step_name: own }]
      : [];
  });
}

/** An action that writes the image URLs and nothing else. */
export const imagesOnly: ItemFilter = ({ facts: _, retractions: _r, absent: _a, ...rest }) => {
  const { auction: _auction, bids: _bids, comments: _comments, ...images } = rest;
  return { ...images, steps: stepOnly(rest.steps, "extract_images") };
};

const STEP_OF_FIELD = { vin: "extract_vin", description: "generate_description" } as const;

/** An action that writes one field and nothing else. */
export function fieldOnly(field: "vin" | "description"): ItemFilter {
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

/** What is said of a listing whose turn did not come. */
export function notStarted(message: string): Omit<VehicleReport, "vehicle_id"> {
  return {
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
  database: DatabaseClient,
  items: ApplyItem[],
  dryRun: boolean,
): Promise<VehicleReport[]> {
  const results = await (dryRun ? previewExtractions : applyExtractions)(database, items);
  return items.flatMap((item, index) => {
    const result = results[index];
    return result === undefined ? [] : [reportOf(item, result)];
  });
}

/** How listings are read and what of them is written. */
interface Scrape extends ReadOptions {
  fetcher: Fetcher;
  pick: ItemFilter;
  dryRun: boolean;
}

/** A listing that was read, and the part of it that is written. */
interface Picked {
  kind: "done";
  item: ApplyItem;
  reading: Exclude<Reading, NotStarted>;
}

/** What is said of each vehicle: its turn did not come, or it was read and written. */
interface ScrapeReports<Vehicle, Report> {
  released(vehicle: Vehicle, message: string): Report;
  finished(one: Finished<Vehicle, Picked, ApplyResult>): Report;
}

/**
 * Reads the listing of each vehicle once and writes what is picked of it, 20 in a round trip: a
 * hundred at once could take longer than the database allows, and all of them would be lost.
 * @throws DatabaseError when the database cannot be reached.
 */
export async function scrapeEach<Vehicle extends { id: string; url: string }, Report>(
  database: DatabaseClient,
  vehicles: readonly Vehicle[],
  { fetcher, pick, dryRun, ...options }: Scrape,
  reports: ScrapeReports<Vehicle, Report>,
): Promise<Report[]> {
  const worked = await workAll<Vehicle, Picked, ApplyResult>(vehicles, {
    async work({ id, url }) {
      const reading = await readListing(fetcher, url, { keepSnapshot: !dryRun, ...options });
      if (reading.kind === "not_started") return reading;
      return { kind: "done", reading, item: { vehicle_id: id, ...pick(applied(url, reading)) } };
    },
    write: (items) => (dryRun ? previewExtractions : applyExtractions)(database, items),
  });
  return reportEach(vehicles, worked, {
    finished: reports.finished,
    released: ({ row, why }) => reports.released(row, why.message),
  });
}

/**
 * Reads the listing of each vehicle once and writes what the action picks of it.
 * @throws DatabaseError when the database cannot be reached.
 */
export async function scrapeVehicles(
  database: DatabaseClient,
  fetcher: Fetcher,
  vehicles: readonly (HeldVehicle & { url: string })[],
  pick: ItemFilter,
  dryRun: boolean,
): Promise<VehicleReport[]> {
  return await scrapeEach(database, vehicles, { fetcher, pick, dryRun }, {
    released: ({ id }, message): VehicleReport => ({ vehicle_id: id, ...notStarted(message) }),
    finished: ({ one, result }) => reportOf(one.item, result),
  });
}
