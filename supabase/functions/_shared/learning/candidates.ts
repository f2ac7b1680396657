import type { Rule } from "./rule.ts";
import type { Occurrence, Sample } from "./sample.ts";
import type { FieldType } from "./values/type.ts";
import { TYPES } from "./values/types.ts";

/** Fewer pages suggest nothing. */
const FEWEST = 3;
/** Of the anchors that pages suggest, those that the most do. */
const MOST_ANCHORS = 60;
const LONGEST_LITERAL = 40;
/** A word behind a number that can be its unit. */
const UNIT = /^\s?\p{L}{2,12}(?!\p{L})/u;
/** Of the texts that a name of numbers leads to, so many hold one; the others are labels. */
const NAMES_NUMBERS = 0.4;
/** Of a page's texts that a name leads to, so many tell what it names. */
const MOST_TEXTS = 40;

type Anchor = Pick<Rule, "by" | "unit" | "anchor" | "afterValue">;
type Occurring = Occurrence & { page: number };

/**
 * The rules that the places of the known values suggest, without scope and position.
 *
 * @param taken Values that other fields have: one that stands before a value is no label of it.
 */
export function candidatesOf(sample: Sample, taken: ReadonlySet<string>): Rule[] {
  const groups = groupByAnchor(sample);
  const ranked = [...groups].map(([key, places]) => ({ key, places, pages: pagesOf(places) }))
    .filter(({ pages }) => pages >= FEWEST)
    .sort((a, b) => b.pages - a.pages || a.key.length - b.key.length)
    .slice(0, MOST_ANCHORS);
  return ranked.flatMap(({ key, places }) => {
    const [by = "", unit = "", ...rest] = key.split("|");
    const label = rest.join("|");
    const anchor = { by, unit, anchor: label } as Anchor;
    if (by === "behind") return [unitRule(anchor)];
    if (!isAllowed(anchor, key, sample)) return [];
    if (isAfterValue(by, label, sample, taken)) {
      // A list of fields has an order, but words after words say nothing of their kind.
      if (sample.traits.type === "text" || sample.traits.type === "code") return [];
      return plainRules({ ...anchor, afterValue: true }, places, sample);
    }
    return anchor.by === "inside"
      ? insideRules(anchor, places, sample)
      : plainRules(anchor, places, sample);
  });
}

/** A count is found by its label or name; that a number stands somewhere says nothing. */
function isAllowed(
  { by }: Pick<Rule, "by">,
  key: string,
  { examples, traits: { type, convention } }: Sample,
): boolean {
  if (type !== "number" && type !== "money") return true;
  if (by !== "name") return by !== "path";
  // A name that all kinds of text have is a matter of looks: it names nothing.
  const texts = examples.flatMap(({ view }) =>
    view.at(key).slice(0, MOST_TEXTS).map((unit) => view.unit(unit).text)
  );
  const numbers = texts.filter((text) => TYPES[type].read(text, convention).length > 0);
  return numbers.length >= NAMES_NUMBERS * texts.length;
}

function groupByAnchor(sample: Sample): Map<string, Occurring[]> {
  const groups = new Map<string, Occurring[]>();
  for (const [page, { view, occurrences }] of sample.examples.entries()) {
    for (const occurrence of occurrences) {
      for (const key of keysOf(occurrence, view.anchors(occurrence.unit), sample.traits.type)) {
        const held = groups.get(key);
        if (held === undefined) groups.set(key, [{ ...occurrence, page }]);
        else held.push({ ...occurrence, page });
      }
    }
  }
  return groups;
}

function keysOf(
  { left, right }: Occurrence,
  anchors: readonly string[],
  type: FieldType,
): string[] {
  const unit = type === "number" && left === "" ? UNIT.exec(right)?.[0] : undefined;
  return anchors.flatMap((key) => {
    if (!key.startsWith("all|")) return [key];
    const kind = key.split("|")[1];
    const labels = insideLabels(left).map((label) => `inside|${kind}|${label}`);
    return unit === undefined ? labels : [...labels, `behind|${kind}|${unit}`];
  });
}

/** Whether what stands before is a value, and no label. */
function isAfterValue(
  by: string,
  label: string,
  { values }: Sample,
  taken: ReadonlySet<string>,
): boolean {
  return by === "before" && (taken.has(label) || values.has(label));
}

/** Literal text before a value that can be its label: all of it, or what follows the last mark. */
function insideLabels(left: string): string[] {
  const tail = /[^,;|•·–—()/>]*$/.exec(left)?.[0] ?? "";
  const labels = new Set([left, tail.trimStart()]);
  return [...labels].filter((one) => one.length <= LONGEST_LITERAL && /\p{L}{2}/u.test(one));
}

function pagesOf(places: readonly Occurring[]): number {
  return new Set(places.map(({ page }) => page)).size;
}

const WHOLE = { prefix: "", suffix: "", atStart: true } as const;

function plainRules(
  anchor: Anchor,
  places: readonly Occurring[],
  { traits: { type }, values }: Sample,
): Rule[] {
  const found: Rule[] = [];
  const whole = places.filter(({ left, right }) => left === "" && right === "");
  // The one number of a text needs no literals around it.
  const bare = type === "text" ? whole : places;
  if (pagesOf(bare) >= FEWEST) {
    found.push({ ...anchor, ...WHOLE });
    if (type === "text" && isRepeated(values)) {
      const closed = { ...anchor, ...WHOLE, values: [...values.keys()] };
      if (anchor.by === "path" || anchor.by === "name") found.push(closed);
    }
  }
  const cut = places.filter(({ left, right }) => left !== "" || right !== "");
  if (type === "text" || pagesOf(cut) >= FEWEST) found.push(...cutRules(anchor, cut));
  return found;
}

/** Whether a field has few values, which its pages share. */
function isRepeated(values: ReadonlyMap<string, number>): boolean {
  const known = [...values.values()].reduce((sum, count) => sum + count, 0);
  return values.size <= 0.7 * known;
}

function cutRules(
  anchor: Anchor,
  places: readonly Occurring[],
): Rule[] {
  if (pagesOf(places) < FEWEST) return [];
  const found: Rule[] = [];
  for (const left of [sharedLeft(places), { prefix: "", atStart: true }]) {
    if (left === null) continue;
    const fitting = places.filter((place) =>
      left.prefix === ""
        ? place.left === ""
        : left.atStart
        ? place.left === left.prefix
        : place.left.endsWith(left.prefix)
    );
    for (const suffix of sharedRights(fitting)) {
      const cut = fitting.filter(({ right }) =>
        suffix === "" ? right === "" : right.startsWith(suffix)
      );
      if (left.prefix === "" && suffix === "") continue;
      if (pagesOf(cut) >= FEWEST) found.push({ ...anchor, ...left, suffix });
    }
  }
  return found;
}

/** The unit behind a number is its label: "132,417 miles". */
function unitRule({ unit, anchor: suffix }: Pick<Rule, "unit" | "anchor">): Rule {
  return { by: "inside", unit, anchor: "", prefix: "", suffix, atStart: true };
}

function insideRules(
  { by, unit, anchor: label }: Pick<Rule, "by" | "unit" | "anchor">,
  places: readonly Occurring[],
  { traits: { type } }: Sample,
): Rule[] {
  const start = places.filter(({ left }) => left === label);
  const atStart = start.length >= 0.9 * places.length;
  const rule = { by, unit, anchor: "", prefix: label, atStart };
  const rights = sharedRights(places);
  if (type !== "text" && !rights.includes("")) rights.push("");
  return rights.flatMap((suffix) => {
    const fitting = places.filter(({ right }) =>
      suffix === "" ? type !== "text" || right === "" : right.startsWith(suffix)
    );
    return pagesOf(fitting) < FEWEST ? [] : [{ ...rule, suffix }];
  });
}

/** The literal before the value: the usual whole of it, else what all have in common at its end. */
function sharedLeft(places: readonly Occurring[]): { prefix: string; atStart: boolean } | null {
  const lefts = places.map(({ left }) => left).filter((left) => left !== "");
  const usual = mostUsual(lefts);
  if (usual !== null && usual.length <= LONGEST_LITERAL) return { prefix: usual, atStart: true };
  const prefix = commonEnd(lefts).slice(-LONGEST_LITERAL);
  return prefix === "" || /^\s+$/.test(prefix) ? null : { prefix, atStart: false };
}

/** The literals behind the value: nothing, the usual whole, what all have in common at the start. */
function sharedRights(places: readonly Occurring[]): string[] {
  const rights = places.map(({ right }) => right);
  const found = new Set<string>();
  if (rights.includes("")) found.add("");
  const some = rights.filter((right) => right !== "");
  const usual = mostUsual(some);
  if (usual !== null && usual.length <= LONGEST_LITERAL) found.add(usual);
  const common = commonStart(some).slice(0, LONGEST_LITERAL);
  if (common.trim() !== "") found.add(common);
  return [...found];
}

function mostUsual(texts: readonly string[]): string | null {
  const [first] = [...Map.groupBy(texts, (text) => text)].sort((a, b) => b[1].length - a[1].length);
  return first !== undefined && first[1].length >= Math.max(FEWEST, 0.6 * texts.length)
    ? first[0]
    : null;
}

function commonStart(texts: readonly string[]): string {
  const [first = ""] = texts;
  let length = first.length;
  for (const text of texts) while (!text.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

function commonEnd(texts: readonly string[]): string {
  const [first = ""] = texts;
  let from = 0;
  for (const text of texts) while (!text.endsWith(first.slice(from))) from++;
  return first.slice(from);
}
