/**
 * Wrapper induction: learns from pages whose facts are known where a site shows them, and reads the
 * same of other pages (distant supervision: the facts come from elsewhere, nobody marks pages up).
 * It knows nothing of what the pages are about.
 *
 * `induce` does it at once. A job that must stop in between takes the steps one by one; what each gives
 * is JSON: `indexPage` a page, `templatesOf` once, and for each template either `learnTemplate`, or
 * `surveyField` and then `learnFieldOf` a field, and `templateOfFields`.
 */
import { indexPage, type PageIndex } from "./index/page_index.ts";
import { PageView } from "./index/view.ts";
import { learnField, SHOWN, shownOf } from "./learn_field.ts";
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
    [...values].map((
      [field, known],
    ) => [field, (Object.hasOwn(given, field) ? given[field] : undefined) ?? guessType(known)]),
  );
}

/** The last step: the rules of every field on the pages of one template. */
export function learnTemplate(
  name: string,
  indexes: readonly PageIndex[],
  facts: readonly Facts[],
  types: Types,
): TemplateMap {
  const views = indexes.map(viewOf);
  const samples = new Map<string, Sample>();
  for (const [field, type] of Object.entries(types)) {
    samples.set(field, sampleOf(views, valuesOf(facts, field), type));
  }
  const surveys = Object.fromEntries(
    [...samples].map(([field, sample]) => [field, surveyOf(sample)]),
  );
  const fields = Object.fromEntries(
    [...samples].map(([field, sample]) => [field, learnSample(field, sample, surveys)]),
  );
  return templateOfFields(name, indexes, fields);
}

/** What the rules of the other fields must know of a field. JSON. */
interface FieldSurvey {
  type: FieldType;
  /** Pages whose fact is known, and of those the ones that show it. */
  known: number;
  found: number;
  /** Its known values, when it is text. */
  texts: string[];
}

/** The last step in smaller ones, a field each: first every field is surveyed … */
export function surveyField(
  field: string,
  indexes: readonly PageIndex[],
  facts: readonly Facts[],
  types: Types,
): FieldSurvey {
  return surveyOf(sampleOfField(field, indexes, facts, types));
}

/** … then learned, with the surveys of all … */
export function learnFieldOf(
  field: string,
  indexes: readonly PageIndex[],
  facts: readonly Facts[],
  surveys: Readonly<Record<string, FieldSurvey>>,
): FieldMap {
  const types = Object.fromEntries(Object.entries(surveys).map(([name, { type }]) => [name, type]));
  return learnSample(field, sampleOfField(field, indexes, facts, types), surveys);
}

/** … and put together. */
export function templateOfFields(
  name: string,
  indexes: readonly PageIndex[],
  fields: Record<string, FieldMap>,
): TemplateMap {
  const sketches = sketchesOf(indexes.map(({ sketch }) => sketch));
  return { name, pages: indexes.length, sketches, fields };
}

function sampleOfField(
  field: string,
  indexes: readonly PageIndex[],
  facts: readonly Facts[],
  types: Types,
): Sample {
  const type = types[field];
  if (type === undefined) throw new RangeError(`no type is given for ${field}`);
  return sampleOf(
    indexes.map(viewOf),
    valuesOf(facts, field),
    type,
  );
}

/** Steps that follow each other in one process look at the same pages. */
const VIEWS = new WeakMap<PageIndex, PageView>();

function viewOf(index: PageIndex): PageView {
  const view = VIEWS.get(index) ?? new PageView(index);
  VIEWS.set(index, view);
  return view;
}

/** What each page holds of a field, whatever it is called: "constructor" is a name like any other. */
function valuesOf(facts: readonly Facts[], field: string): (FactValue | null | undefined)[] {
  return facts.map((page) => Object.hasOwn(page, field) ? page[field] : undefined);
}

function surveyOf(sample: Sample): FieldSurvey {
  const { traits: { type }, values } = sample;
  return { type, ...shownOf(sample), texts: type === "text" ? [...values.keys()] : [] };
}

function learnSample(
  field: string,
  sample: Sample,
  surveys: Readonly<Record<string, FieldSurvey>>,
): FieldMap {
  const all = Object.entries(surveys);
  // A field that most pages do not show is said in other words, or nowhere: that tells no age.
  const shown = all.map(([, one]) => one).filter(({ known, found }) => found >= SHOWN * known);
  const known = shown.reduce((sum, one) => sum + one.known, 0);
  const stale = 1 - shown.reduce((sum, one) => sum + one.found, 0) / Math.max(known, 1);
  const taken = all.flatMap(([other, { texts }]) => other === field ? [] : texts);
  return learnField(sample, new Set(taken), stale);
}

function pick<T>(all: readonly T[], numbers: readonly number[]): T[] {
  return numbers.flatMap((number) => {
    const one = all[number];
    return one === undefined ? [] : [one];
  });
}
