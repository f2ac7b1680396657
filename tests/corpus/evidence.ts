/** Whether the evidence of a fact holds its value, in the forms in which pages write it. */
import type { FieldName } from "../../supabase/functions/_shared/domain/fact.ts";
import { dateIn } from "../../supabase/functions/_shared/vehicle/dates.ts";
import { bodyStyleIn } from "../../supabase/functions/_shared/vehicle/body_style.ts";
import { makeWithin } from "../../supabase/functions/_shared/vehicle/makes.ts";
import { isModelOf } from "../../supabase/functions/_shared/vehicle/models.ts";

const KILOMETERS_IN_MILE = 1.609344;
/** Signs of currencies, each with the codes that a page may mean by it. */
const SIGNS: Readonly<Record<string, readonly string[]>> = {
  "$": ["USD", "CAD", "AUD", "NZD", "MXN"],
  "€": ["EUR"],
  "£": ["GBP"],
  "¥": ["JPY"],
  "zł": ["PLN"],
  "kr": ["SEK", "NOK", "DKK"],
  "Fr.": ["CHF"],
  "R": ["ZAR"],
};
const STATUS: Readonly<Record<string, RegExp>> = {
  sold:
    /sold|\boos\b|winning bid|out ?of ?stock|discontinued|verk[ao]|vend[iu]|sprzedan|sål[dt]|solgt/i,
  bid_to: /reserve not met|bid to|high bid|unsold|not_met/i,
  no_sale: /no_sale|no sale|no bids|reserve not met|unsold|not_met|high bid/i,
  withdrawn: /withdrawn|cancell?ed/i,
  live: /live|current bid|opening bid|bid now|time left|high bid/i,
  for_sale: /for sale|offer|in ?stock|available|availability|active|open|price/i,
};
const DRIVES: Readonly<Record<string, RegExp>> = {
  AWD: /awd|all[- ]?wheel|quattro|4matic|xdrive|4motion|syncro|AllWheel|allrad|intégrale/i,
  "4WD": /4wd|4x4|four[- ]?wheel|4[- ]?wheel|FourWheel/i,
  RWD: /rwd|rear[- ]?wheel|RearWheel|heckantrieb|propulsion|\brear\b/i,
  FWD: /fwd|front[- ]?wheel|FrontWheel|vorder|traction|\bfront\b/i,
};

/** What speaks for a value; behind "; but" stands what speaks against it. */
const ownPart = (evidence: string) => evidence.split("; but ", 1)[0] ?? "";
const plain = (text: string) =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\d]+/gu, "");
/** The words of a text, in lower case without accents. */
export const tokens = (text: string): string[] =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("...", " ")
    .split(/[^\p{L}\d.]+|\.(?!\d)/u).filter((token) => token !== "");

/** Every number that a text writes, whatever sign parts its thousands: "55,000", "55k", "55.000", "55 000.00". */
function numbersIn(text: string): number[] {
  const found: number[] = [];
  for (
    const match of text.matchAll(
      /\d{1,3}(?:[,.'’\u00a0\u2009\u202f ]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d+)?/g,
    )
  ) {
    const written = match[0];
    const scale = /^\s?(?:k(?!\p{L})|[.,]?xxx|thousand|grand)/iu.test(
        text.slice(match.index + written.length),
      )
      ? 1_000
      : 1;
    const fraction = /[.,](\d{1,2})$/.exec(written);
    const whole = Number((fraction === null ? written : written.slice(0, fraction.index))
      .replace(/\D/g, ""));
    found.push(scale * (whole + (fraction === null ? 0 : Number(`0.${fraction[1]}`))));
    // Two numbers side by side may look like one in groups.
    found.push(...written.split(/[^\d]+/).map((part) => Number(part) * scale));
    found.push(...[...written.matchAll(/\d+/g)].map(([digits]) => Number(digits)));
  }
  return found;
}

/** Whether the evidence of a fact contains its value as the page writes it. */
export function holds(field: FieldName, value: string | number, evidence: string): boolean {
  const words = ownPart(evidence);
  if (typeof value === "number") {
    return field === "year" ? holdsYear(value, words) : holdsNumber(field, value, words);
  }
  switch (field) {
    case "make":
      return contains(words, value) || makesIn(words).has(value) || namesModelOf(value, words);
    case "currency":
      return words.includes(value) ||
        Object.entries(SIGNS).some(([sign, codes]) =>
          words.includes(sign) && codes.includes(value)
        );
    case "sale_status":
      return STATUS[value]?.test(words) ?? false;
    case "sale_date":
      return words.includes(value) || dateIn(words) === value || datesIn(words).has(value);
    case "drivetrain":
      return contains(words, value) || (DRIVES[value]?.test(words) ?? false);
    case "description":
      return words.includes(`${value.length} characters`) || contains(words, value.slice(0, 40));
    case "vin":
      return plain(words).includes(plain(value)) ||
        (/read as a digit/.test(words) &&
          plain(words).replace(/[oq]/g, "0").replace(/i/g, "1").includes(plain(value)));
    case "body_style":
      return contains(words, value) || quotes(words).some((quote) => bodyStyleIn(quote) === value);
    default:
      return contains(words, value);
  }
}

const quotes = (words: string) => [...words.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");

/** Other ways to write a word that readers spell out. */
const ABBREVIATED: Readonly<Record<string, readonly string[]>> = {
  extended: ["ext"],
  "4x4": ["4wd"],
  "4wd": ["4x4"],
  "ii": ["2"],
  "iii": ["3"],
  "911": ["carrera", "targa"],
};

/** The words of a value, all of them, wherever they stand; a long one may be misspelt. */
function contains(words: string, value: string): boolean {
  const joined = plain(words);
  if (joined.includes(plain(value))) return true;
  const said = tokens(words);
  return tokens(value).every((token) =>
    said.includes(token) || (token.length > 2 && joined.includes(token)) ||
    ABBREVIATED[token]?.some((short) => said.includes(short)) === true ||
    (token.length >= 6 && said.some((other) => misspelt(token, other)))
  );
}

/** Whether two words differ in at most two letters, of which the first is none. */
function misspelt(one: string, other: string): boolean {
  if (one[0] !== other[0] || Math.abs(one.length - other.length) > 2) return false;
  let row = [...Array(other.length + 1).keys()];
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++) {
      next.push(Math.min(
        (row[to] ?? 0) + 1,
        (next[to - 1] ?? 0) + 1,
        (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1),
      ));
    }
    row = next;
  }
  return (row.at(-1) ?? 9) <= 2;
}

/** A maker that is named by its model alone: "04 Mustang GT", "Range Rover County". */
function namesModelOf(make: string, words: string): boolean {
  const all = words.split(/[^\p{L}\d-]+/u).filter((word) => word !== "");
  return all.some((word, at) =>
    isModelOf(make, word) || isModelOf(make, `${word} ${all[at + 1] ?? ""}`)
  );
}

function holdsYear(year: number, words: string): boolean {
  const short = String(year % 100).padStart(2, "0");
  return words.includes(String(year)) || new RegExp(`(?<!\\d)${short}(?!\\d)`).test(words);
}

function holdsNumber(field: FieldName, value: number, words: string): boolean {
  const near = (one: number, other: number) => Math.abs(one - other) <= 1;
  // A Swedish "mil" is ten kilometres.
  const kilometers = /\bmil\b/i.test(words) ? 10 : 1;
  return numbersIn(words).some((one) =>
    near(one, value) ||
    (field === "mileage" && near(one * kilometers / KILOMETERS_IN_MILE, value))
  );
}

function makesIn(words: string): Set<string> {
  const makes = new Set<string>();
  const all = words.split(/[^\p{L}\d&.-]+/u);
  for (let at = 0; at < all.length && at < 200; at++) {
    const found = makeWithin(all.slice(at, at + 3).join(" "));
    if (found !== null) makes.add(found.make);
  }
  return makes;
}

function datesIn(words: string): Set<string> {
  return new Set([...words.matchAll(/\b(\d{4}-\d{2}-\d{2})T/g)].map((match) => match[1] ?? ""));
}
