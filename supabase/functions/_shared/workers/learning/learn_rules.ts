import { z } from "zod";
import { learnFieldOf, surveyField, templateOfFields } from "../../learning/induce.ts";
import type { PageIndex } from "../../learning/index/page_index.ts";
import { extractionMap, type FieldMap, type Rule, type TemplateMap } from "../../learning/rule.ts";
import { type FactValue, FIELD_TYPES, type FieldType } from "../../learning/values/type.ts";
import { CONSTANT } from "./learned_map.ts";

/** What a value of each field is on a page; a field that is not named is text. */
const TYPES: Readonly<Record<string, FieldType>> = {
  year: "number",
  vin: "code",
  mileage: "number",
  sale_price: "money",
  high_bid: "money",
  asking_price: "money",
  sale_date: "date",
};
type Facts = Readonly<Record<string, FactValue | null>>;

/** A page to learn from. */
interface Example {
  page_index: PageIndex;
  facts: Facts;
  not_held: readonly string[];
}

/** What has a label is not taken for another field where the page does not state this one. */
const BY_LABEL: readonly Rule["by"][] = ["before", "above", "inside"];

/** What is learned of a template before all of it is: the survey of each field, then its rules. JSON. */
export const learnedSoFar = z.object({
  surveys: z.record(
    z.string(),
    z.object({
      type: z.enum(FIELD_TYPES),
      known: z.int(),
      found: z.int(),
      texts: z.array(z.string()),
    }),
  ),
  fields: extractionMap.shape.templates.element.shape.fields,
});
type LearnedSoFar = z.infer<typeof learnedSoFar>;

/**
 * Goes on learning the rules of one template, a field after another, until `isUsedUp`: a field at least.
 * Gives the template, or how far it came.
 *
 * What is not held of a vehicle counts first as what its page lacks, so that no rule invents it; a field
 * that is given up for that is learned again by its label alone, since some of it may only never have
 * been read.
 */
export function learnRules(
  name: string,
  pages: readonly Example[],
  before: LearnedSoFar,
  isUsedUp: () => boolean,
): { template: TemplateMap } | { soFar: LearnedSoFar } {
  const [surveys, fields] = [{ ...before.surveys }, { ...before.fields }];
  const indexes = pages.map(({ page_index }) => page_index);
  const lacking = pages.map(({ facts, not_held }): Facts => ({
    ...Object.fromEntries(not_held.map((field) => [field, null])),
    ...facts,
  }));
  const types = typesOf(pages.map(({ facts }) => facts));
  for (const field of Object.keys(types)) {
    if (Object.hasOwn(surveys, field)) continue;
    surveys[field] = surveyField(field, indexes, lacking, types);
    if (isUsedUp()) return { soFar: { surveys, fields } };
  }
  for (const field of Object.keys(types)) {
    if (Object.hasOwn(fields, field)) continue;
    const learned = learnFieldOf(field, indexes, lacking, surveys);
    const isDoubtful = learned.rules.length === 0 &&
      pages.some(({ not_held }) => not_held.includes(field));
    fields[field] = (isDoubtful ? againByLabel(field, pages, surveys, types) : null) ?? learned;
    if (isUsedUp()) return { soFar: { surveys, fields } };
  }
  return { template: templateOfFields(name, indexes, fields) };
}

/** The rules by label of a field, learned from what is held alone. */
function againByLabel(
  field: string,
  pages: readonly Example[],
  surveys: LearnedSoFar["surveys"],
  types: Readonly<Record<string, FieldType>>,
): FieldMap | null {
  const indexes = pages.map(({ page_index }) => page_index);
  const facts = pages.map((page) => page.facts);
  const survey = surveyField(field, indexes, facts, types);
  return byLabel(learnFieldOf(field, indexes, facts, { ...surveys, [field]: survey }));
}

function byLabel(field: FieldMap): FieldMap | null {
  const rules = field.rules.filter(({ by }) => BY_LABEL.includes(by));
  return rules.some(({ confirms }) => !confirms) ? { ...field, rules } : null;
}

/** The types of the fields that are known of any page. */
function typesOf(facts: readonly Facts[]): Record<string, FieldType> {
  const fields = new Set(facts.flatMap((one) => Object.keys(one)));
  fields.delete(CONSTANT);
  return Object.fromEntries([...fields].map((field) => [field, TYPES[field] ?? "text"]));
}
