import type { PageView } from "./index/view.ts";
import { type Found, placesOf } from "./read_rule.ts";
import type { Rule } from "./rule.ts";
import type { Sample } from "./sample.ts";

/** What a rule leads to on a page of which the fact is known: places that show the value, and others. */
interface Places {
  view: PageView;
  fact: string | null;
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
export function specialised(rule: Rule, sample: Sample): Rule[] {
  const places = placesIn(rule, sample);
  if (!isUnclear(places)) return [rule];
  if (places.reduce((sum, { all }) => sum + all.length, 0) > MOST_PLACES * places.length) return [];
  const scoped = scopesFor(places).map((scope): Rule => ({ ...rule, ...scope }));
  return [rule, ...scoped].flatMap((one) => {
    const left = one === rule ? places : placesIn(one, sample);
    if (one !== rule && !isUnclear(left)) return [one];
    const nth = positionIn(left);
    return nth === null ? [one] : [one, { ...one, nth }];
  });
}

function placesIn(rule: Rule, sample: Sample): Places[] {
  return sample.examples.flatMap(({ view, fact }) => {
    if (fact === undefined) return [];
    const all = placesOf(rule, sample.traits, view);
    if (all.length === 0) return [];
    const right = all.filter(({ normal }) => normal === fact);
    return [{ view, fact, all, right, wrong: all.filter(({ normal }) => normal !== fact) }];
  });
}

function isUnclear(places: readonly Places[]): boolean {
  return places.some(({ wrong }) => wrong.length > 0);
}

function scopesFor(places: readonly Places[]): Pick<Rule, "within" | "outside">[] {
  const showing = places.filter(({ right }) => right.length > 0);
  const lacking = places.filter(({ right, fact }) => right.length === 0 && fact === null);
  const rightNames = countNames(
    showing.flatMap(({ view, right }) => namesAt(view, right.slice(0, 1))),
  );
  const badNames = countNames(
    [...showing, ...lacking].flatMap(({ view, wrong }) => namesAt(view, wrong)),
  );
  const bad = (name: string) => badNames.get(name) ?? 0;
  const few = HARDLY_ANY * showing.length;
  const within = [...rightNames]
    .filter(([name, count]) => count >= NEARLY_ALL * showing.length && bad(name) <= few)
    .sort(([a, of], [b, against]) => against - bad(b) - (of - bad(a)))
    .slice(0, MOST_SCOPES).map(([within]) => ({ within }));
  const outside = [...badNames].filter(([name]) => (rightNames.get(name) ?? 0) <= few)
    .sort((a, b) => b[1] - a[1]).slice(0, MOST_OUTSIDE).map(([name]) => name);
  const [first, second] = outside;
  if (first === undefined) return within;
  const outsides = second === undefined ? [[first]] : [[first], [first, second]];
  return [...within, ...outsides.map((outside) => ({ outside }))];
}

/** The names around some places of a page, each once, the nearest first. */
function namesAt(view: PageView, found: readonly Found[]): string[] {
  return [...new Set(found.slice(0, 20).flatMap(({ unit }) => [...view.around(unit)]))];
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
