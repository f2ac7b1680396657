import { lowerBound } from "./bound.ts";
import { readRule } from "./read_rule.ts";
import type { FieldTraits, LearnedRule, Rule } from "./rule.ts";
import type { Example, Sample } from "./sample.ts";

/**
 * What a rule did on one page. `holds`: it gave the known value. `wrong`: another one, though the page
 * shows the known value, or one that belongs to another page. `chance`: the same, but many pages show that
 * value whose own it is not, so that an old fact is often there, too. `stale`: another one, and the page shows
 * the known value nowhere. `invents`: a value where the page is known to lack the field.
 */
type Outcome = "holds" | "wrong" | "chance" | "stale" | "invents" | "silent";

/** A rule and what it did, page by page. */
export interface Trial {
  rule: Rule;
  outcomes: Outcome[];
  /** What it read, by page. */
  read: (string | null)[];
}

/** Pages on which a rule must give the known value, and how many different ones. */
export const SUPPORT = 5;
export const DISTINCT = 3;
/** Each third of the pages is held out once, and the rules of the others are tried on it. */
const FOLDS = 3;
/** What so many of the other pages show, one shows by chance. */
const OFTEN = 0.08;
/** Standard deviations within which chance explains how often old facts are shown. */
const WITHIN = 2;
/** Support without a third of the pages. */
const SUPPORT_IN_FOLD = 3;
const DISTINCT_IN_FOLD = 2;
/** Facts that a page does not show may be old; where most are, the rule leads elsewhere. */
const MOST_STALE = 0.5;
/** With fewer trials no rule is surer than this. */
const FEW = 14;
const CAP_OF_FEW = 0.75;
const CAP_OF_POSITION = 0.6;

/** Tries a rule on all pages of a sample. */
export function tryRule(rule: Rule, sample: Sample): Trial {
  const { examples, traits } = sample;
  const read = examples.map(({ view }) => readRule(rule, traits, view)?.normal ?? null);
  const own = new Set(read.filter((value, page) => value === examples[page]?.fact));
  const outcomes = examples.map((example, page) =>
    outcomeOf(read[page] ?? null, example, sample, own)
  );
  return { rule, outcomes, read };
}

/**
 * The trial, or another one in which the rule leaves out the texts that it read where the page is known to
 * lack the field, and that are never a value.
 */
export function withoutPlaceholders(trial: Trial, sample: Sample): Trial {
  const read = new Map<string, number>();
  for (const [page, { fact }] of sample.examples.entries()) {
    const value = trial.read[page] ?? null;
    if (fact === null && value !== null) read.set(value, (read.get(value) ?? 0) + 1);
  }
  const never = [...read].filter(([normal, count]) => count >= 2 && !sample.values.has(normal))
    .map(([normal]) => normal);
  return never.length === 0 || never.length > 3 ? trial : tryRule({ ...trial.rule, never }, sample);
}

/** @param own Values that the rule gives on pages of which they are known. */
function outcomeOf(
  read: string | null,
  { fact, occurrences }: Example,
  sample: Sample,
  own: ReadonlySet<string | null>,
): Outcome {
  if (read === null || fact === undefined) return "silent";
  if (fact === null) return "invents";
  if (read === fact) return "holds";
  // A value that is another page's own comes from a box of related items.
  const foreign = sample.isDistinctive && own.has(read) && sample.chanceOf(read) < OFTEN;
  if (occurrences.length > 0 && !foreign && sample.chanceOf(fact) >= OFTEN) return "chance";
  return occurrences.length > 0 || foreign ? "wrong" : "stale";
}

/** Whether a trial is good enough, on the pages for which `counts` is true. */
function isKept(
  { outcomes, read }: Trial,
  sample: Sample,
  counts: (page: number) => boolean,
  { support, distinct, tolerance }: { support: number; distinct: number; tolerance: number },
): boolean {
  const tally = { holds: 0, wrong: 0, chance: 0, stale: 0, invents: 0, silent: 0 };
  const values = new Set<string | null>();
  let expected = 0;
  for (const [page, outcome] of outcomes.entries()) {
    if (!counts(page)) continue;
    tally[outcome]++;
    if (outcome === "holds") values.add(read[page] ?? null);
    if (outcome !== "chance" && outcome !== "stale") continue;
    expected += sample.chanceOf(sample.examples[page]?.fact ?? "");
  }
  const { holds, chance, stale, invents } = tally;
  // Where no fact seems old, nothing is put down to chance.
  const explained = tolerance === 0 ? 0 : expected + WITHIN * Math.sqrt(expected);
  const wrong = tally.wrong + Math.max(0, chance - explained);
  const old = stale + Math.min(chance, explained);
  return invents === 0 && holds >= support && values.size >= distinct &&
    wrong <= tolerance * (holds + wrong) && old <= MOST_STALE * (holds + wrong + old);
}

/** Whether a rule may serve, by all its pages; `tolerance` is the share of errors that stale facts explain. */
export function isSupported(trial: Trial, sample: Sample, tolerance: number): boolean {
  return isKept(trial, sample, () => true, { support: SUPPORT, distinct: DISTINCT, tolerance });
}

/**
 * The rule with its support, and its precision on pages that had no part in learning it: by threefold
 * cross-validation, so that every page is held out once.
 */
export function verified(trial: Trial, sample: Sample, tolerance: number): LearnedRule {
  const limits = { support: SUPPORT_IN_FOLD, distinct: DISTINCT_IN_FOLD, tolerance };
  let [n, errors] = [0, 0];
  for (let fold = 0; fold < FOLDS; fold++) {
    if (!isKept(trial, sample, (page) => page % FOLDS !== fold, limits)) continue;
    for (const [page, outcome] of trial.outcomes.entries()) {
      if (page % FOLDS !== fold || outcome === "silent" || outcome === "stale") continue;
      if (outcome === "holds" && !isKnownElsewhere(trial, page, fold, sample)) continue;
      n++;
      if (outcome !== "holds") errors++;
    }
  }
  const support = trial.outcomes.filter((outcome) => outcome === "holds").length;
  const confidence = confidenceOf(trial.rule, sample.traits, n, errors);
  return { ...trial.rule, support, heldOut: { n, errors }, confidence, confirms: false };
}

/** A list of values that was learned without the page must hold its value, too. */
function isKnownElsewhere(
  { rule, read }: Trial,
  page: number,
  fold: number,
  sample: Sample,
): boolean {
  if (rule.values === undefined && rule.means === undefined) return true;
  const value = read[page];
  return sample.examples.some(({ fact }, other) => other % FOLDS !== fold && fact === value);
}

function confidenceOf(rule: Rule, traits: FieldTraits, n: number, errors: number): number {
  const caps = [1];
  if (n < FEW) caps.push(CAP_OF_FEW);
  if (isPosition(rule, traits)) caps.push(CAP_OF_POSITION);
  // One of several, whose number changes: when the first is missing, the second takes its place.
  if (rule.nth !== undefined && rule.nth.of === null) caps.push(CAP_OF_FEW);
  const bound = Math.min(lowerBound(n, errors), ...caps);
  return Math.floor(bound * 100) / 100;
}

/** Whether nothing but its place tells the value from another. */
export function isPosition(rule: Rule, { shape }: FieldTraits): boolean {
  if (rule.afterValue) return true;
  if (rule.by === "name") return rule.nth !== undefined;
  if (rule.by !== "path" || rule.values !== undefined) return false;
  return shape === null || shape.lengths.length > 2 || (shape.lengths[0] ?? 0) < 8;
}
