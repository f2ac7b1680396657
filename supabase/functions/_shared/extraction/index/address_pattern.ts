import { hostOf } from "../../domain/host.ts";
import { spread } from "../../domain/spread.ts";

/**
 * How the addresses of one kind of page on a site are made: its path, with `{number}`, `{coded}` (holds
 * a digit) or `{any}` where it varies, and what its query must name: `/cars/{coded}.html`,
 * `/detail.php?id={number}`.
 */
export interface AddressPattern {
  pattern: string;
  /** Addresses that it was learned from. */
  count: number;
  /** A few of them, in the order of their spelling. */
  examples: string[];
}

/** Addresses that are learned from, from all over a list: more teach nothing. */
const MOST = 5_000;
const MOST_PATTERNS = 50;
const MOST_EXAMPLES = 20;
/** A part that so few pages share is a page's own name, and no folder. */
const FEWEST_IN_FOLDER = 3;
const MOST_SEGMENTS = 12;
const LONGEST_PATH = 500;
const TRACKING = /^(?:utm_\w+|fbclid|gclid|msclkid|ref|referrer|sid|session\w*)$/i;

type Varies = "number" | "coded" | "any";
const MATCHED: Record<Varies, string> = {
  number: "\\d+",
  coded: "[^/?]*\\d[^/?]*",
  any: "[^/?]+",
};

/** An address in the parts that a pattern is made of. */
interface Address {
  url: string;
  segments: string[];
  /** Names and values of its query, by name. */
  query: [string, string][];
}

function addressOf(url: string): Address | null {
  if (!URL.canParse(url)) return null;
  const { pathname, searchParams } = new URL(url);
  if (pathname.length > LONGEST_PATH) return null;
  const segments = pathname.replace(/\/+$/, "").split("/").slice(1);
  const query = [...searchParams].filter(([name]) => !TRACKING.test(name)).sort().slice(0, 3);
  if (segments.length > MOST_SEGMENTS || segments.length + query.length === 0) return null;
  return { url, segments, query };
}

/**
 * Learns how the addresses of a site are made: those that have the same shape and the same folders
 * are one pattern, and what differs between them is what varies. Addresses of one host; their order
 * does not matter. A pure function.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const cars = ["12-1988-bmw-m5", "13-1990-saab-900", "20-2001-porsche-911"];
 * const [first] = learnPatterns([
 *   ...cars.map((name) => `https://cars.example/inventory/${name}.html`),
 *   "https://cars.example/about",
 * ]);
 * assert.equal(first?.pattern, "/inventory/{coded}.html");
 * ```
 */
export function learnPatterns(urls: readonly string[]): AddressPattern[] {
  const some = spread([...new Set(urls)].sort(), MOST);
  const addresses = some.flatMap((url) => addressOf(url) ?? []);
  const shapes = Map.groupBy(
    addresses,
    ({ segments, query }) => `${segments.length}?${query.map(([name]) => name).join("&")}`,
  );
  const learned = new Map<string, AddressPattern>();
  for (const shape of shapes.values()) {
    for (const group of foldersOf(shape, 0)) {
      const pattern = patternOf(group);
      const held = learned.get(pattern);
      const examples = group.map(({ url }) => url);
      learned.set(pattern, {
        pattern,
        count: group.length + (held?.count ?? 0),
        examples: spread([...held?.examples ?? [], ...examples].sort(), MOST_EXAMPLES),
      });
    }
  }
  return [...learned.values()]
    .sort((one, other) => other.count - one.count || (one.pattern < other.pattern ? -1 : 1))
    .slice(0, MOST_PATTERNS);
}

/**
 * Parts addresses of one shape by their folders. The first part of a path is a folder wherever several
 * pages share it; a later one only where a handful of names stand for nearly all pages ("used", "new").
 */
function foldersOf(group: readonly Address[], at: number): Address[][] {
  const depth = group[0]?.segments.length ?? 0;
  if (at >= depth) return [[...group]];
  const byName = Map.groupBy(group, ({ segments }) => segments[at] ?? "");
  const shared = [...byName].filter(([, pages]) => pages.length >= FEWEST_IN_FOLDER);
  const inShared = shared.reduce((sum, [, pages]) => sum + pages.length, 0);
  const isFolder = at === 0
    ? depth > 1 || group[0]?.query.length !== 0
    : shared.length <= 3 && at < depth - 1 && inShared >= 0.9 * group.length;
  if (!isFolder || shared.length === 0) return foldersOf(group, at + 1);
  const rest = [...byName].filter(([, pages]) => pages.length < FEWEST_IN_FOLDER)
    .flatMap(([, pages]) => pages);
  return [...shared.map(([, pages]) => pages), ...(rest.length > 0 ? [rest] : [])]
    .flatMap((pages) => foldersOf(pages, at + 1));
}

/** What a group has in common, and where it varies. */
function patternOf(group: readonly Address[]): string {
  const depth = group[0]?.segments.length ?? 0;
  const path = Array.from(
    { length: depth },
    (_, at) => `/${partOf(group.map(({ segments }) => segments[at] ?? ""), at === depth - 1)}`,
  );
  const names = group[0]?.query.map(([name]) => name) ?? [];
  const query = names.map((name, at) =>
    `${escaped(name)}=${partOf(group.map((one) => one.query[at]?.[1] ?? ""), false)}`
  );
  return (path.join("") || "/") + (query.length > 0 ? `?${query.join("&")}` : "");
}

/** A part of a path: as it stands where all have the same, else what varies, with the ending they share. */
function partOf(values: readonly string[], isLast: boolean): string {
  const [first = ""] = values;
  if (values.every((value) => value === first) && values.length > 1) return escaped(first);
  const ending = isLast ? /\.[a-z]{2,5}$/i.exec(first)?.[0] ?? "" : "";
  // A name that is nothing but the ending (".html") has no part that could vary before it.
  const isShared = values.every((value) => value.endsWith(ending) && value !== ending);
  const shared = isShared ? ending : "";
  const varying = values.map((value) => value.slice(0, value.length - shared.length));
  const kind: Varies = varying.every((value) => /^\d+$/.test(value))
    ? "number"
    : varying.every((value) => /\d/.test(value))
    ? "coded"
    : "any";
  return `{${kind}}${escaped(shared)}`;
}

/** A literal part, in which a brace would read as something that varies. */
function escaped(text: string): string {
  return text.replace(/[{}]/g, encodeURIComponent);
}

/**
 * Tells which addresses of a host are made as these patterns say. What varies may be anything of its
 * kind, but nothing may be missing; a query may hold more than the pattern names.
 */
export function patternMatcher(
  host: string,
  patterns: readonly string[],
): (url: string) => boolean {
  const known = patterns.map((pattern) => {
    const [path = "", query = ""] = pattern.split("?");
    return {
      path: new RegExp(`^${expression(path)}$`),
      query: query === "" ? [] : query.split("&").map((pair) => {
        const at = pair.indexOf("=");
        return {
          name: pair.slice(0, at),
          value: new RegExp(`^${expression(pair.slice(at + 1))}$`),
        };
      }),
    };
  });
  return (url) => {
    if (!URL.canParse(url) || hostOf(url) !== host) return false;
    const { pathname, searchParams } = new URL(url);
    const path = pathname.replace(/\/+$/, "") || "/";
    if (path.length > LONGEST_PATH) return false;
    return known.some((one) =>
      one.path.test(path) &&
      one.query.every(({ name, value }) => value.test(searchParams.get(name) ?? ""))
    );
  };
}

function expression(part: string): string {
  return part.split(/(\{(?:number|coded|any)\})/)
    .map((piece) => {
      const kind = /^\{(number|coded|any)\}$/.exec(piece)?.[1] as Varies | undefined;
      return kind === undefined ? piece.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&") : MATCHED[kind];
    })
    .join("");
}
