import {
  hasKnownModels,
  lineAt,
  makerlessModelAt,
  modelAt,
  type ModelReading,
} from "../../vehicle/models.ts";
import { wasBuiltIn } from "../../vehicle/model_years.ts";
import { type Token, tokensOf } from "../../vehicle/tokens.ts";
import { variantAt } from "../../vehicle/trims.ts";
import { type Make, makeAt, makeIn } from "./seller_make.ts";
import { namesOtherThing, type OwnName, ownNameIn } from "./seller_make_place.ts";

/** What a text that a seller typed names: a title, or the line for make and model of a form. */
export interface NamedVehicle {
  year: number | null;
  /** Two digits only ("04 Mustang GT"). */
  yearShort: boolean;
  make: string | null;
  /** `named`; `slip`: in spite of a slip of the pen; `model`: only the model tells. */
  makeFrom: "named" | "slip" | "model" | null;
  /** How many makers the text names; more than one is often bait for searches. */
  makes: number;
  /** The model's own name; `null` when no known one is there. */
  model: string | null;
  modelMended: boolean;
  /** The maker of a model that the maker named is not known to have built ("1965 Ram Marlin"). */
  otherMake: { make: string; model: string } | null;
  /** Maker and model by the words in their places, where no maker is named that a list holds. */
  own: OwnName | null;
  /** What stands behind a model's name says that it is none: "Montana 5th wheel", "golf cart". */
  isOtherThing: boolean;
  /** Trim, cab, body and driven wheels behind the model's name, in the text's order. */
  variant: string[];
  /** Of these, the trim alone. */
  trim: string[];
  drive: string | null;
  /** The words behind all this, as they are written; and those behind the maker, without a model. */
  rest: string[];
  loose: string[];
}

const FIRST_YEAR = 1900;
const LAST_YEAR = 2035;
const SAMPLE = 300;

/** What is known beside a text: where it stands, and what the form or the title say already. */
interface Beside {
  place?: "title" | "form";
  /** The model year, where the form states it beside. */
  known?: number | null;
  /** The title says that it is a thing of another kind: a camper, a cart. */
  besides?: boolean;
}

/**
 * Reads the names in a seller's title or sentence, or in the `form`'s line for make and model, where the
 * maker stands first; a name that is not there is `null`.
 */
export function readSellerTitle(
  text: string,
  { place = "title", known = null, besides = false }: Beside = {},
): NamedVehicle {
  const tokens = tokensOf(parted(text.slice(0, SAMPLE)), 60);
  const year = yearIn(tokens);
  const built = year?.year ?? known;
  const from = year === null ? 0 : year.at + 1;
  const make = makeIn(tokens, from, { place, year: built, hasYear: year !== null });
  const free = make === null ? freeModelIn(tokens, from, built) : null;
  const isOtherThing = free !== null && (besides || free === "other thing");
  const found = make !== null
    ? modelIn(tokens, make, from, built)
    : free === "other thing" || besides
    ? null
    : free;
  const named = make?.make ?? found?.make ?? null;
  const start = startOfVariant(tokens, make, found);
  const behind = variantsFrom(tokens, start);
  return {
    year: year?.year ?? null,
    yearShort: year?.short ?? false,
    make: named,
    makeFrom: make?.from ?? (found === null ? null : "model"),
    makes: make?.count ?? 0,
    model: found?.model ?? null,
    modelMended: found?.mended ?? false,
    otherMake: make === null || found !== null || !hasKnownModels(make.make)
      ? null
      : otherMakeOf(tokens, make),
    isOtherThing,
    own: make === null && (from > 0 || place === "form") ? ownNameIn(tokens, from, found) : null,
    ...behind,
    loose: found !== null || make === null ? [] : tokens.slice(make.end).map(({ text }) => text),
  };
}

/** Behind the model's name, also where the maker's stands between ("Model A Ford Coupe"). */
function startOfVariant(
  tokens: readonly Token[],
  make: Make | null,
  model: FoundModel | null,
): number {
  if (model === null) return make?.end ?? tokens.length;
  const end = model.at + model.count;
  return make !== null && make.at === end ? make.end : end;
}

/** "2013Chevy", "01'Toyota", "2014-Ford": the year stands by itself. */
function parted(text: string): string {
  const unpriced = text.replace(
    /\$\s?\d[\d,.]*k?|\b\d[\d,]{2,8}\s?(?:obo|o\.b\.o|firm|cash|dollars)\b/gi,
    " ",
  );
  return unpriced.replace(/\b((?:19|20)\d{2})(?:[-'’.]?(?=[A-Za-z]{2})|[.½]5?(?=\s))/g, "$1 ")
    .replace(/(^|[^\w])['’]?(\d{2})['’](?=\s?[A-Za-z])/g, "$1$2 ")
    .replace(/(^|[^\w])['’](\d{2})\b/g, "$1$2");
}

interface Year {
  year: number;
  at: number;
  short: boolean;
}

function yearIn(tokens: readonly Token[]): Year | null {
  let first: Year | null = null;
  for (const [at, token] of tokens.entries()) {
    const year = Number(token.text);
    if (!/^\d{4}$/.test(token.text) || year < FIRST_YEAR || year > LAST_YEAR) continue;
    const found = { year, at, short: false };
    // A model may be called 2002: the year is the number that a name follows.
    if (nameAt(tokens, at + 1)) return found;
    first ??= found;
  }
  if (first !== null) return first;
  for (const [at, token] of tokens.slice(0, 6).entries()) {
    if (!/^\d{2}$/.test(token.text) || !nameAt(tokens, at + 1)) continue;
    const digits = Number(token.text);
    return { year: digits > 35 ? 1900 + digits : 2000 + digits, at, short: true };
  }
  return null;
}

function nameAt(tokens: readonly Token[], at: number): boolean {
  return makeAt(tokens, at) !== null || makerlessModelAt(tokens, at, true) !== null;
}

type FoundModel = ModelReading & { at: number };

/** Words between maker and model that say nothing: "Ford Super Duty F-250". */
const REACH = 7;

/** A model that no maker's name stands beside; "other thing" where it is the name of something else. */
function freeModelIn(
  tokens: readonly Token[],
  from: number,
  year: number | null,
): FoundModel | "other thing" | null {
  for (let at = 0; at < tokens.length; at++) {
    const model = makerlessModelAt(tokens, at, at === from && from > 0);
    if (model === null) continue;
    // A code ("F250 5th wheel") is that maker's, whatever comes with it.
    const coded = /\d/.test(model.model);
    if (!coded && namesOtherThing(tokens, at + model.count)) return "other thing";
    return wasBuiltIn(model.make, model.model, year) ? { ...model, at } : null;
  }
  return null;
}

function modelIn(
  tokens: readonly Token[],
  make: Make,
  from: number,
  year: number | null,
): FoundModel | null {
  for (let at = make.end; at < Math.min(tokens.length, make.end + REACH); at++) {
    const model = modelAt(tokens, at, make.make);
    if (model !== null) return { ...model, at };
  }
  for (let at = Math.max(0, make.at - REACH); at < make.at; at++) {
    if (at === from - 1) continue;
    const model = modelAt(tokens.slice(0, make.at), at, make.make);
    if (model !== null && !/^\d{1,2}$/.test(tokens[at]?.text ?? "")) return { ...model, at };
  }
  for (let at = make.end; at < Math.min(tokens.length, make.end + REACH); at++) {
    const line = lineAt(tokens, at, make.make, year);
    if (line !== null) return { ...line, at };
  }
  const mended = modelAt(tokens, make.end, make.make, true);
  return mended === null ? null : { ...mended, at: make.end };
}

function otherMakeOf(tokens: readonly Token[], make: Make): { make: string; model: string } | null {
  for (let at = 0; at < tokens.length; at++) {
    if (at >= make.at && at < make.end) continue;
    const model = makerlessModelAt(tokens, at, false);
    if (model !== null && model.make !== make.make) {
      return { make: model.make, model: model.model };
    }
  }
  return null;
}

function variantsFrom(
  tokens: readonly Token[],
  start: number,
): Pick<NamedVehicle, "variant" | "trim" | "drive" | "rest"> {
  const [variant, trim]: string[][] = [[], []];
  let drive: string | null = null;
  let at = start;
  while (at < tokens.length && (variant?.length ?? 0) < 6) {
    if (/^(?:19|20)\d{2}$/.test(tokens[at]?.text ?? "")) {
      at++;
      continue;
    }
    const found = variantAt(tokens, at);
    if (found === null) break;
    if (found.kind === "drive") drive ??= found.text;
    if (found.kind === "trim") trim?.push(found.text);
    // Two driven wheels are the rule and no part of a name.
    if (!/^(?:2WD|RWD|FWD)$/.test(found.text)) variant?.push(found.text);
    at += found.count;
  }
  // "F150 4x4 XLT": the trim belongs to the name first.
  if (drive !== null && variant?.[0] === drive && variant.length > 1) {
    variant.push(...variant.splice(0, 1));
  }
  return {
    variant: variant ?? [],
    trim: trim ?? [],
    drive,
    rest: tokens.slice(at).map(({ text }) => text),
  };
}
