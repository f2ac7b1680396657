/**
 * Wrapper induction: learns from pages whose facts are known where a site shows them, and reads the
 * same of other pages (distant supervision: the facts come from elsewhere, nobody marks pages up).
 * It knows nothing of what the pages are about.
 *
 * `induce` does it at once. A job that must stop in between takes the steps one by one; what each gives
 * is JSON: `indexPage` a page, `templatesOf` once, `learnTemplate` a template.
 */
import { indexPage, type PageIndex } from "./index/page_index.ts";
import { PageView } from "./index/view.ts";
import { learnField, shownOf } from "./learn_field.ts";
import type { ExtractionMap, FieldMap, TemplateMap } from "./rule.ts";
import { type Sample, sampleOf } from "./sample.ts";
import { clusterPages, sketchesOf } from "./templates.ts";
import type { FactValue, FieldType } from "./values/type.ts";
import { guessType } from "./values/types.ts";

/** What is known of one page: null where the page is known to lack the field; a field that is not named is unknown. */
type Facts = Readonly<Record<string, FactValue | null>>;
type Types = Readonly<Record<string, FieldType>>;

/**
 * Learns a map from pages and what is known of them.
 *
 * @param pages The pages' markup.
 * @param facts What is known of each, in the same order.
 * @param types The fields' types; one that is not given is guessed from the values.
 */
export function induce(
  pages: readonly string[],
  facts: readonly Facts[],
  types: Types = {},
): ExtractionMap {
  const indexes = pages.map(indexPage);
  const all = typesOf(facts, types);
  const templates = templatesOf(indexes).map((numbers, at) =>
    learnTemplate(`template ${at + 1}`, pick(indexes, numbers), pick(facts, numbers), all)
  );
  return { version: 1, templates };
}

/** The second step: which pages have the same template; for each template the numbers of its pages. */
export function templatesOf(indexes: readonly PageIndex[]): number[][] {
  return clusterPages(indexes.map(({ sketch }) => sketch));
}

/** The types of all fields that are known anywhere: those that are given, and guesses for the rest. */
export function typesOf(facts: readonly Facts[], given: Types): Types {
  const values = new Map<string, FactValue[]>();
  for (const page of facts) {
    for (const [field, value] of Object.entries(page)) {
      const held = values.get(field) ?? [];
      values.set(field, held);
      if (value !== null) held.push(value);
    }
  }
  return Object.fromEntries(
    [...values].map(([field, known]) => [field, given[field] ?? guessType(known)]),
  );
}

/** The last step: the rules of every field on the pages of one template. */
export function learnTemplate(
  name: string,
  indexes: readonly PageIndex[],
  facts: readonly Facts[],
  types: Types,
): TemplateMap {
  const views = indexes.map((index) => new PageView(index));
  const samples = new Map<string, Sample>();
  for (const [field, type] of Object.entries(types)) {
    samples.set(field, sampleOf(views, facts.map((page) => page[field]), type));
  }
  const shown = [...samples.values()].map(shownOf);
  const known = shown.reduce((sum, one) => sum + one.known, 0);
  const stale = 1 - shown.reduce((sum, one) => sum + one.found, 0) / Math.max(known, 1);
  const fields: Record<string, FieldMap> = {};
  for (const [field, sample] of samples) {
    const taken = [...samples].flatMap(([other, { traits, values }]) =>
      other === field || traits.type !== "text" ? [] : [...values.keys()]
    );
    fields[field] = learnField(sample, new Set(taken), stale);
  }
  const sketches = sketchesOf(indexes.map(({ sketch }) => sketch));
  return { name, pages: indexes.length, sketches, fields };
}

function pick<T>(all: readonly T[], numbers: readonly number[]): T[] {
  return numbers.flatMap((number) => {
    const one = all[number];
    return one === undefined ? [] : [one];
  });
}
