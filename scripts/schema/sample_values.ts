/** Values to try in a column, when rows are made up. */
import type { Column, Table } from "./columns.ts";

/** Chooses from 0 to below 1; the same seed gives the same choices. */
export type Chance = () => number;

/** Mulberry32: a small generator of pseudo-random numbers, by Tommy Ettinger (public domain). */
export function chanceOf(seed: number): Chance {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What a column is likely to hold, by its name; a trigger may ask for more than any constraint says. */
const likely: [RegExp, (chance: Chance) => string][] = [
  [/version$/, () => "v1.2.3"],
  [/scraper(_name)?$/, () => "sample_scraper"],
  [/url$|^url_/, (chance) => `https://cars.invalid/listing/${numbered(chance)}`],
  [/pattern$/, (chance) => `/listing/${numbered(chance)}/{number}`],
  [/host$/, (chance) => `cars${numbered(chance)}.invalid`],
  [/hash$|sha256$/, (chance) => chance() < 0.5 ? oneHash : hex(64, chance)],
  [/currency$/, () => "USD"],
  [/mime_type$/, () => "image/jpeg"],
  [/function_name$/, () => "import-bat-listing"],
  [/field_name$/, () => "mileage"],
];

/**
 * Values of a column's type, as text that Postgres casts: those its constraints name, and some of every usual form.
 * The addresses end in .invalid: what works on such rows reaches nobody (RFC 2606).
 * @param refused whether what is likely was tried already
 */
export function candidates(
  table: Table,
  column: Column,
  chance: Chance,
  refused = false,
): string[] {
  const rules = table.rules.filter((rule) => rule.columns.includes(column.name))
    .map((rule) => rule.definition).join(" ");
  if (column.type === "text[]") return ["{mileage,color}", "{mileage}", "{}"];
  if (column.type.endsWith("[]")) return ["{}"];
  switch (column.type.replace(/\(.*$/, "")) {
    case "uuid":
      return [uuid(chance)];
    case "boolean":
      return ["true", "false"];
    case "smallint":
    case "integer":
    case "bigint":
      return ["1", "0", "2", "200", "1990", ...numbersIn(rules)];
    case "numeric":
    case "real":
    case "double precision":
      return ["0.5", "1", "100", ...numbersIn(rules)];
    case "jsonb":
    case "json":
      return ["{}", `{"sample": ${numbered(chance)}}`, "[]"];
    case "date":
      return ["2024-05-13"]; // a Monday: some weeks begin there
    case "timestamp with time zone":
    case "timestamp without time zone":
      return ["2024-05-17T10:00:00Z", "2099-01-01T00:00:00Z"];
    case "interval":
      return ["1 hour", "1 day"];
    default:
      return texts(column.name, rules, chance, refused);
  }
}

function texts(name: string, rules: string, chance: Chance, refused: boolean): string[] {
  const literals = literalsIn(rules);
  if (/= ANY \(/.test(rules)) return literals;
  const guess = likely.find(([pattern]) => pattern.test(name))?.[1](chance);
  if (guess !== undefined && !refused) return [guess];
  // A path that must hold a hash of the row cannot be guessed; the same hash everywhere can.
  const usual = [`sample ${numbered(chance)}`, `sample${numbered(chance)}`, `sample_${oneHash}`];
  return guess === undefined ? [...usual, ...literals] : [guess, guess, ...usual];
}

const oneHash = "5a".repeat(32);

function numbered(chance: Chance): number {
  return Math.floor(chance() * 1_000_000);
}

function literalsIn(rules: string): string[] {
  return [...rules.matchAll(/'((?:[^']|'')*)'/g)].map((match) => match[1] ?? "")
    .filter((literal) => literal !== "" && !/[\^$\\]/.test(literal));
}

function numbersIn(rules: string): string[] {
  return [...rules.matchAll(/\b\d+(?:\.\d+)?\b/g)].map((match) => match[0]);
}

function hex(length: number, chance: Chance): string {
  return Array.from({ length }, () => Math.floor(chance() * 16).toString(16)).join("");
}

function uuid(chance: Chance): string {
  return hex(32, chance).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}
