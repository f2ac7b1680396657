import { candidatesOf } from "./candidates.ts";
import { inOtherWords } from "./other_words.ts";
import type { FieldMap, FieldTraits, LearnedRule, Rule } from "./rule.ts";
import type { Sample } from "./sample.ts";
import { specialised } from "./specialise.ts";
import {
  DISTINCT,
  isPosition,
  isSupported,
  SUPPORT,
  type Trial,
  tryRule,
  verified,
  withoutPlaceholders,
} from "./verify.ts";

const MOST_RULES = 4;
/** Facts that no page shows explain so many errors, at most. */
const MOST_TOLERANCE = 0.2;
/** A rule by position is taken where it reads so many pages that no other reads. */
const MUCH = 0.2;
/** A rule reads besides a surer one when it reads so many pages more. */
const FEWEST_MORE = 2;
/** A rule that erred and may err half the time reads nothing. */
const LEAST_WITH_ERRORS = 0.4;
/** Where fewer pages show the known value, they may say it in other words. */
export const SHOWN = 0.5;
/** A list of the known values reads no other: an open rule goes before it, unless it is much surer. */
const FOR_A_LIST = 0.3;
/** The surer kinds first. */
const ORDER: Readonly<Record<Rule["by"], number>> = {
  before: 0,
  inside: 0,
  above: 0,
  meta: 1,
  name: 1,
  path: 2,
};

/**
 * Learns the rules of one field on the pages of one template.
 *
 * @param taken Values that other fields have.
 * @param stale Share of all facts that their pages show nowhere: so often one is right by chance, too.
 */
export function learnField(sample: Sample, taken: ReadonlySet<string>, stale: number): FieldMap {
  const { known, found } = shownOf(sample);
  const field = { ...sample.traits, known, found };
  const otherWords = found < SHOWN * known ? inOtherWords(sample) : [];
  const early = whyNot(sample, known, otherWords.length > 0 ? known : found);
  if (early !== null) return { ...field, rules: [], givenUp: early };
  const tolerance = Math.min(MOST_TOLERANCE, stale);
  const candidates = otherWords.length > 0 ? otherWords : candidatesOf(sample, taken);
  const trials = distinctRules(candidates.flatMap((one) => specialised(one, sample)))
    .map((rule) => withoutPlaceholders(tryRule(withoutTaken(rule, taken), sample), sample));
  const kept = trials.filter((trial) => isSupported(trial, sample, tolerance))
    .map((trial) => ({ trial, rule: verified(trial, sample, tolerance) }))
    .filter(({ rule }) => rule.confidence > (rule.heldOut.errors > 0 ? LEAST_WITH_ERRORS : 0))
    .sort((a, b) => inOrder(a.rule, b.rule));
  const rules = chooseRules(kept, sample.traits, found);
  return { ...field, rules, givenUp: rules.length > 0 ? null : whyNone(trials) };
}

/** On how many pages a field is known, and how many of those show it. */
export function shownOf({ examples }: Sample): { known: number; found: number } {
  const known = examples.filter(({ fact }) => typeof fact === "string");
  return {
    known: known.length,
    found: known.filter(({ occurrences }) => occurrences.length > 0).length,
  };
}

function whyNot({ values }: Sample, known: number, found: number): string | null {
  if (known < SUPPORT) return `known on ${known} pages: ${SUPPORT} are needed`;
  if (values.size < DISTINCT) {
    return `${values.size === 1 ? "one value" : "two values"} on all pages: ${DISTINCT} are needed`;
  }
  return found < SUPPORT
    ? `${found} of ${known} pages show the known value: ${SUPPORT} are needed`
    : null;
}

/** Why no rule was kept, by what became of the one that came closest. */
function whyNone(trials: readonly Trial[]): string {
  const count = ({ outcomes }: Trial, what: string) =>
    outcomes.filter((outcome) => outcome === what).length;
  const [best] = [...trials].sort((a, b) => count(b, "holds") - count(a, "holds"));
  if (best === undefined) return "no place that the pages share";
  return `no rule was right: the best one held on ${count(best, "holds")} pages, was wrong on ${
    count(best, "wrong") + count(best, "chance")
  }, read another value than an old fact on ${count(best, "stale")}, and invented on ${
    count(best, "invents")
  }`;
}

function distinctRules(rules: readonly Rule[]): Rule[] {
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()];
}

function withoutTaken(rule: Rule, taken: ReadonlySet<string>): Rule {
  return rule.values === undefined
    ? rule
    : { ...rule, values: rule.values.filter((value) => !taken.has(value)) };
}

function inOrder(a: LearnedRule, b: LearnedRule): number {
  return rankOf(b) - rankOf(a) || ORDER[a.by] - ORDER[b.by] || b.support - a.support ||
    specialness(a) - specialness(b) || JSON.stringify(a).length - JSON.stringify(b).length;
}

function rankOf({ confidence, values }: LearnedRule): number {
  return confidence - (values === undefined ? 0 : FOR_A_LIST);
}

/** How much had to be said for it to be right. */
function specialness({ within, outside, nth, suffix, atStart }: Rule): number {
  return (within === undefined ? 0 : 1) + (outside?.length ?? 0) + (nth === undefined ? 0 : 3) +
    (suffix === "" ? 0 : 1) + (atStart ? 0 : 1);
}

interface Kept {
  trial: Trial;
  rule: LearnedRule;
}

/**
 * The surest rules that never contradict each other. One that reads pages which those before it do not
 * read is chosen to read; of the others a few confirm.
 */
function chooseRules(kept: readonly Kept[], traits: FieldTraits, found: number): LearnedRule[] {
  const chosen: Kept[] = [];
  const read = new Set<number>();
  const anchors = new Set<string>();
  for (const { trial, rule } of kept) {
    if (chosen.length >= MOST_RULES) break;
    if (chosen.some((other) => contradicts(trial, other.trial))) continue;
    const holds = trial.outcomes.flatMap((outcome, page) => outcome === "holds" ? [page] : []);
    const more = holds.filter((page) => !read.has(page)).length;
    const anchor = `${rule.by} ${rule.anchor}`;
    const position = isPosition(rule, traits);
    const reads = chosen.length === 0 || more >= (position ? MUCH * found : FEWEST_MORE);
    if (!reads && (position || anchors.has(anchor))) continue;
    chosen.push({ trial, rule: { ...rule, confirms: !reads } });
    anchors.add(anchor);
    if (reads) { for (const page of holds) read.add(page); }
  }
  return chosen.map(({ rule }) => rule);
}

function contradicts(one: Trial, other: Trial): boolean {
  return one.read.some((value, page) => {
    const against = other.read[page] ?? null;
    return value !== null && against !== null && value !== against;
  });
}
