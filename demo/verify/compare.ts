import { FIELD_NAMES, type FieldName } from "../../supabase/functions/_shared/domain/fact.ts";
import type { Truth } from "../site/truth.ts";

/** `missing`: the page states it and the database has nothing. `extra`: the page states no such thing. */
type Verdict = "right" | "wrong" | "missing" | "extra";

interface Compared {
  field: FieldName;
  verdict: Verdict;
  held: unknown;
  stated: unknown;
}

/** A vehicle's columns as the database holds them. */
export type Held = { readonly [column: string]: unknown };

const words = (value: unknown): string =>
  String(value).normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

const beginsWith = (whole: string, part: string): boolean =>
  whole === part || whole.startsWith(`${part} `);

const sameNumber = (held: unknown, stated: unknown): boolean => Number(held) === Number(stated);
const sameWords = (held: unknown, stated: unknown): boolean => words(held) === words(stated);

const drivenWheels = (value: unknown): string => {
  const text = words(value).replace("four", "4");
  return /^\w+ wheel drive$/.test(text) ? `${text.charAt(0)}wd` : text;
};

/** Whether a value means what the page states; where a page leaves room, the room is granted. */
const SAME: Partial<Record<FieldName, (held: unknown, stated: unknown, truth: Truth) => boolean>> =
  {
    year: sameNumber,
    mileage: sameNumber,
    sale_price: sameNumber,
    high_bid: sameNumber,
    asking_price: sameNumber,
    // The heading may carry a trim that the model includes or not.
    model: (held, stated, truth) =>
      beginsWith(words(truth.modelInTitle), words(held)) && beginsWith(words(held), words(stated)),
    // "Repainted Tangerine" and "Tangerine" are the same colour; so are leather and its colour.
    color: (held, stated) => words(held).includes(words(stated)),
    interior_color: (held, stated) =>
      beginsWith(words(held), words(stated)) || beginsWith(words(stated), words(held)),
    location: (held, stated) => beginsWith(words(stated), words(held)),
    // "RWD" stands for "Rear-Wheel Drive", "4WD" for "Four-Wheel Drive".
    drivetrain: (held, stated) => drivenWheels(held) === drivenWheels(stated),
    sale_date: (held, stated) => String(held).slice(0, 10) === stated,
    description: (held, stated) =>
      beginsWith(words(held), words(stated)) || beginsWith(words(stated), words(held)),
  };

/** Fields in which a value without a word of the page is a mistake, whatever the value. */
const MUST_BE_STATED: readonly FieldName[] = [
  "vin",
  "mileage",
  "sale_price",
  "high_bid",
  "asking_price",
  "year",
  "make",
  "model",
];

/**
 * Compares what is held with what the page states, field by field. A field that neither has is
 * left out. `generated` says that the description held was written by the system.
 */
export function compare(held: Held, truth: Truth, generated = false): Compared[] {
  return FIELD_NAMES.flatMap((field): Compared[] => {
    const stated = truth.facts[field];
    const value = held[field] ?? null;
    const of = (verdict: Verdict): Compared[] => [{ field, verdict, held: value, stated }];
    if (stated === undefined) {
      return value !== null && MUST_BE_STATED.includes(field) ? of("extra") : [];
    }
    if (value === null) return of("missing");
    if (field === "description" && generated) return of("missing");
    const same = SAME[field] ?? sameWords;
    return of(same(value, stated, truth) ? "right" : "wrong");
  });
}
