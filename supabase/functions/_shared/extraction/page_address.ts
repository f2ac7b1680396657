import { hostOf, pathOf } from "../domain/host.ts";
import { canonicalLink } from "../html/open_graph.ts";

/** Parts of a query that say where a visitor came from, and nothing of what is shown. */
const TRACKING =
  /^(?:utm_\w+|fbclid|gclid|gbraid|wbraid|msclkid|dclid|mc_[ce]id|ref|referrer|source|src|clicktype|from|campaign|aff\w*|cm\w+id)$/i;
/** Last segments that name a site's way of showing and not the thing shown. */
const GENERIC = /\.\w{2,5}$|^[a-z]{1,14}$/i;
const LONGEST = 2_000;

/** The addresses at which a page says it stands: its own, and its canonical one on the same site. */
export function pageAddresses(url: string, html: string): string[] {
  const canonical = resolved(canonicalLink(html), url);
  const addresses = [url];
  // A canonical address at the site's root says that nobody set one.
  if (canonical !== null && new URL(canonical).pathname !== "/" && sameSite(canonical, url)) {
    addresses.push(canonical);
  }
  return addresses;
}

/** An address of a page made absolute; `null` for none, one that only names a part of the page, a site's root. */
export function resolved(href: string | null | undefined, base: string): string | null {
  const text = href?.trim() ?? "";
  if (text === "" || text.startsWith("#") || text.length > LONGEST) return null;
  if (!URL.canParse(text, base)) return null;
  const url = new URL(text, base);
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  return url.pathname === "/" && url.search === "" ? null : url.href;
}

/**
 * Whether two absolute addresses lead to one thing: the same path and query (`www.`, scheme, closing
 * slash, fragment and tracking aside), the same last segment on one host, or one listing number of
 * six digits and more in both. Numbers in which they differ speak against it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const car = "https://www.cars.example/used/2015-audi-tt-4711";
 * assert.equal(sameAddress(car, "http://cars.example/used/2015-audi-tt-4711/?utm_source=x#top"), true);
 * assert.equal(sameAddress(car, "https://cars.example/en/cars/2015-audi-tt-4711"), true);
 * assert.equal(sameAddress(car, "https://cars.example/used/2015-audi-tt-4712"), false);
 * ```
 */
export function sameAddress(one: string, other: string): boolean {
  if (one === other) return true;
  if (!URL.canParse(one) || !URL.canParse(other)) return false;
  const [a, b] = [partsOf(one), partsOf(other)];
  const vin = [...a.vins].find((each) => b.vins.has(each));
  if (vin !== undefined) return true;
  if (a.vins.size > 0 && b.vins.size > 0) return false;
  const shared = [...a.numbers].some((number) => number.length >= 6 && b.numbers.has(number));
  if (differ(a.numbers, b.numbers)) return false;
  if (!sameSite(one, other)) return false;
  if (shared) return true;
  if ([...a.query].some(([name, value]) => (b.query.get(name) ?? value) !== value)) return false;
  if (a.path === b.path) {
    // "detail.php?id=7" and "detail.php": what is shown stands in the query.
    return !GENERIC.test(a.last) || a.query.size === b.query.size;
  }
  return a.last === b.last && !GENERIC.test(a.last) && /[\d-]/.test(a.last);
}

interface Parts {
  path: string;
  last: string;
  query: Map<string, string>;
  /** Numbers that stand by themselves in path and query, of any length. */
  numbers: Set<string>;
  vins: Set<string>;
}

function partsOf(address: string): Parts {
  const url = new URL(address.slice(0, LONGEST).toLowerCase());
  const path = readable(url.pathname).replace(/\/+$/, "");
  const query = new Map([...url.searchParams].filter(([name]) => !TRACKING.test(name)));
  return {
    path,
    last: path.slice(path.lastIndexOf("/") + 1),
    query,
    numbers: numbersIn(`${path} ${[...query.values()].join(" ")}`),
    vins: vinsIn(`${path} ${[...query.values()].join(" ")}`),
  };
}

/** Numbers that stand by themselves in an address: a listing's, a year. */
export function numbersIn(text: string): Set<string> {
  return new Set(text.slice(0, LONGEST).match(/(?<![a-z\d])\d{1,14}(?![a-z\d])/gi) ?? []);
}

/** Words of 17 letters and digits that can be a VIN. */
export function vinsIn(text: string): Set<string> {
  const words = text.slice(0, LONGEST).toLowerCase().match(
    /(?<![a-z\d])(?=[a-z]*\d[a-z]*\d)[a-hj-npr-z\d]{17}(?![a-z\d])/g,
  ) ?? [];
  return new Set(words.filter((word) => /[a-z]/.test(word)));
}

/** Each has a number that the other lacks. */
function differ(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.difference(other).size > 0 && other.difference(one).size > 0;
}

/** Whether an address has a listing's number: four digits and more that are no year, or a VIN. */
export function hasListingNumber(url: string): boolean {
  return LISTING_NUMBER.test(pathOf(url)) || /[?&][a-z_]*id=[\w-]*\d{3,}/i.test(url);
}

const LISTING_NUMBER =
  /(?<![a-z\d])(?!(?:19|20)\d\d(?!\d))[a-z]{0,3}\d{4,}(?![a-z\d])|[A-HJ-NPR-Z\d]{17}/i;

/** One host, or one below the other. */
function sameSite(one: string, other: string): boolean {
  const [a, b] = [hostOf(one), hostOf(other)];
  return a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`);
}

function readable(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
