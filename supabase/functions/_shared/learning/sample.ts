import type { PageView } from "./index/view.ts";
import type { FieldTraits, Form } from "./rule.ts";
import { shapeOf } from "./values/code.ts";
import type { Convention, FactValue, FieldType, Reading } from "./values/type.ts";
import { hasCurrency } from "./values/number.ts";
import { TYPES } from "./values/types.ts";
import { asForm } from "./read_rule.ts";

/** A place of a page that shows the value held for it. */
export interface Occurrence {
  unit: number;
  /** What stands before and behind it in the same text. */
  left: string;
  right: string;
}

/** One page as the examples of one field. */
export interface Example {
  view: PageView;
  /** The known value in its comparable form; null where the page is known to lack it, undefined where nothing is known. */
  fact: string | null | undefined;
  occurrences: Occurrence[];
}

/** A field's examples on the pages of one template. */
export interface Sample {
  examples: Example[];
  traits: FieldTraits;
  /** Each known value, and on how many pages it is known. */
  values: ReadonlyMap<string, number>;
  /** Each known value as it is held. */
  held: ReadonlyMap<string, string>;
  /** Whether each page has a value of its own, as titles and codes are. */
  isDistinctive: boolean;
  /** How often a page shows a value by chance: the share of the pages with another fact that show it. */
  chanceOf(value: string): number;
}

const MOST_OCCURRENCES = 60;
/** Of a page's texts, so many tell whether it shows a value by chance. */
const MOST_TEXTS = 1_500;

/** Looks the known values of a field up in the pages' texts. */
export function sampleOf(
  views: readonly PageView[],
  facts: readonly (FactValue | null | undefined)[],
  type: FieldType,
): Sample {
  const conventions = new Map<Convention, number>();
  const written: { fact: FactValue; text: string; normal: string }[] = [];
  const asHeld = new Map<string, string>();
  const examples = views.map((view, page): Example => {
    const held = facts[page];
    if (held === undefined || held === null) return { view, fact: held, occurrences: [] };
    const fact = TYPES[type].normal(held);
    if (fact === null) return { view, fact: undefined, occurrences: [] };
    if (!asHeld.has(fact)) asHeld.set(fact, String(held));
    const found = occurrencesOf(view, fact, type);
    for (const { reading: { convention }, text } of found.slice(0, 5)) {
      written.push({ fact: held, text, normal: fact });
      if (convention === undefined) continue;
      conventions.set(convention, (conventions.get(convention) ?? 0) + 1);
    }
    return { view, fact, occurrences: found.map(({ occurrence }) => occurrence) };
  });
  const known = examples.flatMap(({ fact }) => typeof fact === "string" ? [fact] : []);
  const values = new Map<string, number>();
  for (const one of known) values.set(one, (values.get(one) ?? 0) + 1);
  const shown = examples.flatMap(({ fact, occurrences }) =>
    typeof fact === "string" && occurrences.length > 0 ? [fact] : []
  );
  return {
    examples,
    values,
    held: asHeld,
    chanceOf: chancesIn(examples, type),
    isDistinctive: known.length >= 4 && values.size >= 0.8 * known.length,
    traits: {
      type,
      form: type === "text" ? "written" : formOf(written),
      ...(isRespelled(written, type) ? { spelled: Object.fromEntries(asHeld) } : {}),
      currency: type === "money" && written.length > 0 &&
        written.filter(({ text }) => hasCurrency(text)).length >= 0.9 * written.length,
      convention: mostly(conventions),
      shape: type === "code" ? shapeOf(usual(shown)) : null,
      longest: longestOf(shown.length > 0 ? shown : known, type),
    },
  };
}

function chancesIn(examples: readonly Example[], type: FieldType): (value: string) => number {
  const known = new Map<string, number>();
  return (value) => {
    const held = known.get(value);
    if (held !== undefined) return held;
    const others = examples.filter(({ fact }) => typeof fact === "string" && fact !== value);
    const showing = others.filter(({ view }) =>
      view.index.units.slice(0, MOST_TEXTS).some(({ text }) =>
        TYPES[type].find(text, value).length > 0
      )
    );
    const chance = others.length === 0 ? 0 : showing.length / others.length;
    known.set(value, chance);
    return chance;
  };
}

interface FoundOccurrence {
  occurrence: Occurrence;
  reading: Reading;
  /** As the page writes it. */
  text: string;
}

function occurrencesOf(view: PageView, fact: string, type: FieldType): FoundOccurrence[] {
  const found: FoundOccurrence[] = [];
  for (const [unit, { text }] of view.index.units.entries()) {
    for (const reading of TYPES[type].find(text, fact)) {
      const [left, right] = [text.slice(0, reading.start), text.slice(reading.end)];
      const slice = text.slice(reading.start, reading.end);
      found.push({ occurrence: { unit, left, right }, reading, text: slice });
    }
  }
  // What is the whole of a text says more than what is a part of one.
  const rest = ({ occurrence: { left, right } }: FoundOccurrence) => left.length + right.length;
  return found.sort((a, b) => rest(a) - rest(b)).slice(0, MOST_OCCURRENCES);
}

function mostly(counts: ReadonlyMap<Convention, number>): Convention | null {
  const [first, second] = [...counts].sort((a, b) => b[1] - a[1]);
  // Where both are about as frequent, neither is the site's.
  return first !== undefined && first[1] >= 3 * (second?.[1] ?? 0) ? first[0] : null;
}

/** Without the codes of a length that hardly any has: what is held is not always right. */
function usual(codes: readonly string[]): string[] {
  const lengths = Map.groupBy(codes, (one) => one.length);
  return codes.filter((one) => (lengths.get(one.length)?.length ?? 0) >= 0.1 * codes.length);
}

function longestOf(known: readonly string[], type: FieldType): number {
  const lengths = known.map((one) => one.length);
  if (type !== "date") return Math.max(0, ...lengths);
  const counts = [...Map.groupBy(lengths, (one) => one)].sort((a, b) => b[1].length - a[1].length);
  return counts[0]?.[0] ?? 0;
}

/** Whether pages write the words of a field otherwise than the facts do: in lower case, say. */
function isRespelled(
  written: readonly { fact: FactValue; text: string }[],
  type: FieldType,
): boolean {
  const otherwise = written.filter(({ fact, text }) => text !== String(fact)).length;
  return type === "text" && otherwise > 0.5 * written.length;
}

/** The form that gives the most facts exactly as they are written. */
function formOf(written: readonly { fact: FactValue; text: string; normal: string }[]): Form {
  if (written.every(({ fact }) => typeof fact === "number")) return "number";
  const forms: readonly Form[] = ["written", "normal", "two decimals"];
  const exact = forms.map((form) =>
    written.filter(({ fact, text, normal }) =>
      asForm({ written: text, normal }, form) === String(fact).trim()
    ).length
  );
  return forms[exact.indexOf(Math.max(...exact))] ?? "written";
}
