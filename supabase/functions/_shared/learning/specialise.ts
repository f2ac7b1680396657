import type { Candidate } from "./candidates.ts";
import { chosen, type Found, placesOf } from "./read_rule.ts";
import type { Rule } from "./rule.ts";
import type { Sample } from "./sample.ts";

/** What a rule leads to on the pages of a sample: places that show the value, and others. */
interface Places {
  page: number;
  all: Found[];
  right: Found[];
  wrong: Found[];
}

const MOST_SCOPES = 2;
const MOST_OUTSIDE = 2;
/** A scope is worth trying when nearly all right places have it, and hardly any wrong one: facts may be old. */
const NEARLY_ALL = 0.8;
const HARDLY_ANY = 0.2;
/** What leads to more places of a page, on average, names none of them. */
const MOST_PLACES = 60;

/**
 * The rule, and where it leads to several places or to wrong ones, the same within a scope (an element
 * around the right ones), outside one (around the wrong ones: boxes of related items), or at a position.
 */
export function specialised(candidate: Candidate, sample: Sample): Candidate[] {
  const places = placesIn(candidate.rule, sample);
  if (!isUnclear(places)) return [candidate];
  if (places.reduce((sum, { all }) => sum + all.length, 0) > MOST_PLACES * places.length) return [];
  const scoped = scopesFor(places, sample).map((scope): Candidate => ({
    ...candidate,
    rule: { ...candidate.rule, ...scope },
  }));
  return [candidate, ...scoped].flatMap((one) => {
    const left = one === candidate ? places : placesIn(one.rule, sample);
    if (one !== candidate && !isUnclear(left)) return [one];
    const nth = positionIn(left);
    const positioned = nth === null ? [] : [{ ...one, rule: { ...one.rule, nth } }];
    return [one, ...positioned];
  });
}

function placesIn(rule: Rule, sample: Sample): Places[] {
  return sample.examples.flatMap(({ view, fact }, page) => {
    if (fact === undefined) return [];
    const all = placesOf(rule, sample.traits, view);
    const right = all.filter(({ normal }) => normal === fact);
    return all.length === 0
      ? []
      : [{ page, all, right, wrong: all.filter((one) => !right.includes(one)) }];
  });
}

function isUnclear(places: readonly Places[]): boolean {
  return places.some(({ right, wrong, all }) =>
    wrong.length > 0 && (right.length > 0 || all.length > 0)
  );
}

function scopesFor(places: readonly Places[], sample: Sample): Pick<Rule, "within" | "outside">[] {
  const showing = places.filter(({ right }) => right.length > 0);
  const rightNames = countNames(
    showing.flatMap(({ page, right }) => namesAt(sample, page, right.slice(0, 1))),
  );
  const wrongPages = places.filter(({ wrong, right }) => wrong.length > 0 && right.length > 0);
  const wrongNames = countNames(
    wrongPages.flatMap(({ page, wrong }) => namesAt(sample, page, wrong, true)),
  );
  const lackingNames = countNames(
    places.filter(({ right, page }) => right.length === 0 && sample.examples[page]?.fact === null)
      .flatMap(({ page, wrong }) => namesAt(sample, page, wrong, true)),
  );
  const bad = (name: string) => (wrongNames.get(name) ?? 0) + (lackingNames.get(name) ?? 0);
  const few = HARDLY_ANY * showing.length;
  const within = [...rightNames]
    .filter(([name, count]) => count >= NEARLY_ALL * showing.length && bad(name) <= few)
    .sort(([a, of], [b, against]) => against - bad(b) - (of - bad(a)))
    .slice(0, MOST_SCOPES).map(([within]) => ({ within }));
  const names = new Map([...wrongNames, ...lackingNames].map(([name]) => [name, bad(name)]));
  const outside = [...names].filter(([name]) => (rightNames.get(name) ?? 0) <= few)
    .sort((a, b) => b[1] - a[1]).slice(0, MOST_OUTSIDE).map(([name]) => name);
  const [first, second] = outside;
  if (first === undefined) return within;
  const outsides = second === undefined ? [[first]] : [[first], [first, second]];
  return [...within, ...outsides.map((outside) => ({ outside }))];
}

/** The names around some places of a page, each once, the nearest first. */
function namesAt(sample: Sample, page: number, found: readonly Found[], any = false): string[] {
  const view = sample.examples[page]?.view;
  if (view === undefined) return [];
  const names = found.slice(0, 20).map(({ unit }) => view.around(unit));
  const [first, ...others] = names;
  if (first === undefined) return [];
  if (any) return [...new Set(names.flatMap((one) => [...one]))];
  return [...first].filter((name) => others.every((other) => other.has(name)));
}

function countNames(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** The position that the right place has on nearly all pages where there are several. */
function positionIn(places: readonly Places[]): Rule["nth"] | null {
  const showing = places.filter(({ right }) => right.length > 0);
  const indexes = showing.map(({ all, right: [first] }) =>
    first === undefined ? -1 : all.indexOf(first)
  );
  const [usual] = [...Map.groupBy(indexes, (index) => index)].sort((a, b) =>
    b[1].length - a[1].length
  );
  if (usual === undefined || usual[1].length < 0.8 * showing.length || usual[0] > 20) return null;
  const counts = new Set(showing.map(({ all }) => all.length));
  return { index: usual[0], of: counts.size === 1 ? showing[0]?.all.length ?? null : null };
}

/** The texts that a rule reads where the page is known to lack the field, and that are never a value. */
export function withoutPlaceholders(rule: Rule, sample: Sample): Rule {
  const read = new Map<string, number>();
  for (const { view, fact } of sample.examples) {
    if (fact !== null) continue;
    const found = chosen(rule, placesOf(rule, sample.traits, view));
    if (found !== null) read.set(found.normal, (read.get(found.normal) ?? 0) + 1);
  }
  const never = [...read].filter(([normal, count]) => count >= 2 && !sample.values.has(normal));
  return never.length === 0 || never.length > 3
    ? rule
    : { ...rule, never: never.map(([normal]) => normal) };
}
