import type { Rule } from "./rule.ts";
import type { Sample } from "./sample.ts";
import { TYPES } from "./values/types.ts";

/** A place is looked at when so many pages have it. */
const FEWEST_PAGES = 5;
/** A word of the page means a value when so many pages say so, and hardly any says otherwise. */
const FEWEST_A_WORD = 2;
const MOSTLY = 0.6;
/** Of the pages, so many must go by the words: what two of twelve towns have in common is chance. */
const ALL_BUT_OLD = 0.7;
/** Two values in other words may be chance; a field with more values than this has no words for them. */
const FEWEST_WORDS = 3;
const MOST_WORDS = 40;
const BY: readonly Rule["by"][] = ["before", "above", "name", "meta"];

/**
 * Rules for a field whose pages never show the held values, but say the same in words of their own:
 * "Rear-Wheel Drive" where RWD is held. At a label or name, each word must stand for one value, and
 * each value for one word.
 */
export function inOtherWords(sample: Sample): Rule[] {
  if (sample.traits.type !== "text" || sample.values.size > MOST_WORDS) return [];
  const texts = new Map<string, Map<number, string | null>>();
  for (const [page, { view, fact }] of sample.examples.entries()) {
    if (typeof fact !== "string") continue;
    for (const unit of view.index.units.keys()) {
      const text = TYPES.text.normal(view.unit(unit).text);
      if (text === null || text.length > 60) continue;
      for (const key of view.anchors(unit)) addText(texts, key, page, text);
    }
  }
  return [...texts].flatMap(([key, pages]) => {
    const means = pages.size < FEWEST_PAGES ? null : meaningOf(pages, sample);
    if (means === null) return [];
    const [by = "", unit = "", ...rest] = key.split("|");
    const anchor = { by, unit, anchor: rest.join("|") } as Pick<Rule, "by" | "unit" | "anchor">;
    return [{ ...anchor, prefix: "", suffix: "", atStart: true, means }];
  });
}

function addText(
  texts: Map<string, Map<number, string | null>>,
  key: string,
  page: number,
  text: string,
): void {
  if (!BY.some((by) => key.startsWith(`${by}|`))) return;
  const pages = texts.get(key) ?? new Map<number, string | null>();
  texts.set(key, pages);
  const before = pages.get(page);
  // Where several texts stand, none is meant.
  if (before === undefined) pages.set(page, text);
  else if (before !== text) pages.set(page, null);
}

/** Which value each word of a place stands for; null when they do not stand for each other. */
function meaningOf(
  pages: ReadonlyMap<number, string | null>,
  { examples, held }: Sample,
): Record<string, string> | null {
  const facts = new Map<string, string[]>();
  for (const [page, text] of pages) {
    const fact = examples[page]?.fact;
    if (text === null || typeof fact !== "string") continue;
    facts.set(text, [...facts.get(text) ?? [], fact]);
  }
  let [agreeing, known] = [0, 0];
  const pairs = [...facts].flatMap(([text, all]): [string, string][] => {
    known += all.length;
    const [usual] = [...Map.groupBy(all, (one) => one)].sort((a, b) => b[1].length - a[1].length);
    if (usual === undefined || usual[1].length < FEWEST_A_WORD) return [];
    if (usual[1].length < MOSTLY * all.length) return [];
    agreeing += usual[1].length;
    return [[text, usual[0]]];
  });
  if (agreeing < ALL_BUT_OLD * known) return null;
  const values = new Set(pairs.map(([, value]) => value));
  if (pairs.length < FEWEST_WORDS || values.size !== pairs.length) return null;
  return Object.fromEntries(pairs.map(([text, value]) => [text, held.get(value) ?? value]));
}
