import { DOUBT } from "../../extraction/confidence.ts";
import type { FactBook } from "../../extraction/fact_book.ts";
import { hasKnownModels, isModelOf } from "../../vehicle/models.ts";
import { keyOf } from "../../vehicle/tokens.ts";
import { variantKind } from "../../vehicle/trims.ts";
import { makeOfYear } from "./make_years.ts";
import { isSaleWord } from "./sale_words.ts";
import { capital } from "./seller_make_place.ts";
import type { NamedVehicle } from "./seller_title.ts";

export type Place = "title" | "form" | "description";

/** What one place of a post names. */
export interface PlaceReading {
  place: Place;
  named: NamedVehicle;
  evidence: string;
}

/** How each place is read; `vin` is what its characters tell. */
export const WAYS = {
  title: "title",
  form: "labelled",
  description: "prose",
  vin: "structured",
} as const;

/** Of several words behind a model's name, people write some and in another order. */
const MANY_WORDS = 0.92;

/**
 * Enters model and trim: the model's own name as its maker writes it, with trim, cab and body behind
 * it. Gives back the model's name; `null` when no place names one.
 */
export function addModel(
  facts: FactBook,
  readings: readonly PlaceReading[],
  make: string,
  year: number | null,
): string | null {
  const known = readings.filter(({ named }) =>
    named.model !== null && named.make !== null &&
    makeOfYear(named, year) === make
  ).map((reading) => ({ ...reading, model: baseOf(reading.named, make) }));
  const exact = known.filter(({ named }) => !named.modelMended);
  const first = exact[0] ?? known[0];
  if (first === undefined) return addOtherModel(facts, readings, make);
  // "Silverado" in the title, "Silverado 1500" in the form: the longer name says more.
  const longer = first.named.variant.length > 0
    ? undefined
    : exact.find(({ place, model }) =>
      place !== "description" && keyOf(model).startsWith(keyOf(first.model)) &&
      model.length > first.model.length
    );
  const base = (longer ?? first).model;
  const tail = tailOf(
    known.filter(({ model }) =>
      keyOf(base).startsWith(keyOf(model)) || keyOf(model) === keyOf(base)
    ),
    base,
  );
  for (const { place, named, model, evidence } of known) {
    const same = keyOf(base).startsWith(keyOf(model)) || keyOf(model).startsWith(keyOf(base));
    const value = same ? joined(base, tail) : joined(model, named.variant);
    facts.add("model", value, WAYS[place], evidence, {
      doubt: (named.modelMended ? 0.9 : 1) * (tail.length > 1 ? MANY_WORDS : 1) *
        (place === "form" ? 0.97 : 1) * (same ? 1 : 0.6),
    });
  }
  addTrim(facts, readings, base);
  return base;
}

function baseOf(named: NamedVehicle, make: string): string {
  const model = named.model ?? "";
  return named.make === "Ram" && make === "Dodge" && !/^ram/i.test(model) ? `Ram ${model}` : model;
}

/** The title's words behind the model; the form's where they say more. */
function tailOf(readings: readonly PlaceReading[], base: string): string[] {
  const says = (place: Place) => {
    const reading = readings.find((one) => one.place === place);
    return reading?.named.variant.filter((word) => !keyOf(base).endsWith(keyOf(word))) ?? [];
  };
  const [title, form] = [says("title"), says("form")];
  if (readings.every(({ place }) => place === "description")) return says("description");
  if (title.every((word, at) => form[at] === word)) return form;
  const driven = title.filter((word) => variantKind(word) === "drive");
  return driven.length < title.length
    ? title
    : [...form.filter((word) => !driven.includes(word)), ...driven];
}

function joined(base: string, tail: readonly string[]): string {
  return [base, ...tail].join(" ");
}

function addTrim(facts: FactBook, readings: readonly PlaceReading[], base: string): void {
  for (const { place, named, evidence } of readings) {
    if (place === "description" || named.model === null) continue;
    const trim = named.trim.filter((word) =>
      !/^(?:[123]500(?:HD)?|HD)$/.test(word) && !keyOf(base).endsWith(keyOf(word))
    );
    if (trim.length === 0) continue;
    facts.add("trim", trim.join(" "), WAYS[place], evidence, { doubt: DOUBT.unknownName });
  }
}

/** Where none of a maker's models is known, nothing tells a word of the sale from one. */
const NO_MODELS_KNOWN = 0.98;

/** No known model: the words behind the maker's name as they are written, less surely. */
function addOtherModel(
  facts: FactBook,
  readings: readonly PlaceReading[],
  make: string,
): string | null {
  const known = hasKnownModels(make);
  // Of a maker whose models are not known the form says best where the model's name ends.
  const places = known
    ? readings
    : readings.toSorted((one, other) =>
      Number(other.place === "form") - Number(one.place === "form")
    );
  for (const { place, named, evidence } of places) {
    if (named.otherMake !== null && named.otherMake.make === make) {
      const model = named.otherMake.model;
      facts.add("model", model, WAYS[place], evidence, { doubt: DOUBT.unknownName });
      return model;
    }
    if (named.make !== make || place === "description") continue;
    const words = modelWords(named.loose, make, known ? 2 : 3);
    if (words.length === 0 || (known && named.variant.length > 0)) continue;
    const model = words.map(
      named.loose.length > 0 && /[a-z]/.test(words.join("")) ? capital : (word) => word,
    ).join(" ");
    facts.add("model", model, WAYS[place], evidence, {
      doubt: DOUBT.unknownName * (known ? 1 : NO_MODELS_KNOWN),
    });
    return model;
  }
  return null;
}

/** The words behind a maker's name up to the first that names no model, at most `most` of them. */
function modelWords(loose: readonly string[], make: string, most: number): string[] {
  const words: string[] = [];
  for (const word of loose) {
    const noise = isSaleWord(keyOf(word)) ||
      /^\d{1,2}[.\/]\d|^\d{5,}$|^(?:19|20)\d{2}$/.test(word);
    if (words.length >= most || noise || isModelOf(make, word)) break;
    words.push(word);
  }
  return words;
}
