import type { ReplayedVehicle } from "../../database/replay.ts";
import type { Extraction } from "../../domain/extraction.ts";
import { FIELD_NAMES, type FieldName } from "../../domain/fact.ts";

/** What a new reading does to one field, over many vehicles. */
export interface FieldDifference {
  /** Vehicles that hold a value which this scraper read: what can be lost. */
  held: number;
  same: number;
  gained: number;
  changed: number;
  /** Held, read by this scraper, and no longer read from the snapshot. */
  lost: number;
}

/** One vehicle in which a field differs. */
export interface Example {
  vehicle_id: string;
  field: FieldName;
  kind: "gained" | "changed" | "lost";
  held: string | number | null;
  read: string | number | null;
}

const NUMBERS: readonly FieldName[] = [
  "year",
  "mileage",
  "sale_price",
  "high_bid",
  "asking_price",
];

/** A value without what does not matter: case, spacing, trailing zeros. As `private.normal_value`. */
function normal(field: FieldName, value: string | number): string {
  if (NUMBERS.includes(field)) return String(Number(value));
  const text = String(value);
  return field === "vin"
    ? text.toUpperCase().replace(/[^A-Z0-9]/g, "")
    : text.trim().replace(/\s+/g, " ").toLowerCase();
}

/** How one vehicle's snapshot, read by the present code, differs from what is held of it. */
export function compare(vehicle: ReplayedVehicle, extraction: Extraction): Example[] {
  const different: Example[] = [];
  for (const field of FIELD_NAMES) {
    const held = vehicle.held[field] ?? null;
    const read = extraction.facts[field]?.value ?? null;
    const one = { vehicle_id: vehicle.id, field, held, read };
    if (held === null && read !== null) different.push({ ...one, kind: "gained" });
    else if (held !== null && read === null) {
      if (vehicle.methods[field] === extraction.scraper.name) {
        different.push({ ...one, kind: "lost" });
      }
    } else if (held !== null && read !== null && normal(field, held) !== normal(field, read)) {
      different.push({ ...one, kind: "changed" });
    }
  }
  return different;
}

/** A vehicle whose snapshot was read by the present code. */
export interface Compared {
  vehicle: ReplayedVehicle;
  extraction: Extraction;
  different: Example[];
}

/** Adds up comparisons field by field; fields of which nothing is held or read are left out. */
export function addUp(
  compared: readonly Compared[],
): Partial<Record<FieldName, FieldDifference>> {
  const sums: Partial<Record<FieldName, FieldDifference>> = {};
  for (const { vehicle, extraction, different } of compared) {
    for (const field of FIELD_NAMES) {
      const isHeld = vehicle.held[field] !== undefined;
      if (!isHeld && extraction.facts[field] === undefined) continue;
      const sum = sums[field] ??= { held: 0, same: 0, gained: 0, changed: 0, lost: 0 };
      if (isHeld && vehicle.methods[field] === extraction.scraper.name) sum.held++;
      const difference = different.find((one) => one.field === field);
      if (difference !== undefined) sum[difference.kind]++;
      else if (isHeld && extraction.facts[field] !== undefined) sum.same++;
    }
  }
  return sums;
}
