import type { z } from "zod";
import { FIELD_NAMES, type FieldName, fieldValue } from "../../domain/fact.ts";

/** The facts of a vehicle as they come from the database: numbers may be written as text. */
export type RawFacts = Partial<Record<FieldName, unknown>>;

/** The facts that a description may speak of, each of its field's type. */
export type HeldFacts = { [F in FieldName]?: z.infer<(typeof fieldValue)[F]> };

/** A text made of facts, and the fields it speaks of. */
export interface Described {
  text: string;
  usedFields: FieldName[];
}

/**
 * Never spoken of: a description that is held is not evidence for another, and a seller's name is
 * a person's, not the vehicle's.
 */
const UNSPOKEN: ReadonlySet<FieldName> = new Set(["description", "seller_name"]);

const NUMERIC: ReadonlySet<FieldName> = new Set([
  "year",
  "mileage",
  "sale_price",
  "high_bid",
  "asking_price",
]);

function tidy(name: FieldName, value: unknown): unknown {
  if (typeof value !== "string") return value;
  const text = value.replace(/\s+/g, " ").trim();
  return NUMERIC.has(name) && text !== "" ? Number(text) : text.replace(/[.;,\s]+$/, "");
}

/** The facts of which a description may be made; a value that does not fit its field is left out. */
export function speakable(raw: RawFacts): HeldFacts {
  const facts: Record<string, unknown> = {};
  for (const name of FIELD_NAMES) {
    if (UNSPOKEN.has(name)) continue;
    const parsed = fieldValue[name].safeParse(tidy(name, raw[name]));
    if (parsed.success) facts[name] = parsed.data;
  }
  return facts as HeldFacts; // each value was parsed by its own field's schema
}

/** Whether enough is known to say anything: year, make and model. */
export function isEnough(
  facts: HeldFacts,
): facts is HeldFacts & { year: number; make: string; model: string } {
  return facts.year !== undefined && facts.make !== undefined && facts.model !== undefined;
}
