import { learnTemplate } from "../../learning/induce.ts";
import type { PageIndex } from "../../learning/index/page_index.ts";
import type { FieldMap, Rule, TemplateMap } from "../../learning/rule.ts";
import type { FactValue, FieldType } from "../../learning/values/type.ts";
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

/**
 * The rules of one template. What is not held of a vehicle counts first as what its page lacks, so that
 * no rule invents it; a field that is given up for that is learned again by its label alone, since some
 * of it may only never have been read.
 */
export function learnRules(name: string, pages: readonly Example[]): TemplateMap {
  const indexes = pages.map(({ page_index }) => page_index);
  const lacking = pages.map(({ facts, not_held }): Facts => ({
    ...Object.fromEntries(not_held.map((field) => [field, null])),
    ...facts,
  }));
  const types = typesOf(pages.map(({ facts }) => facts));
  const template = learnTemplate(name, indexes, lacking, types);
  const doubtful = Object.entries(template.fields).filter(([field, { rules }]) =>
    rules.length === 0 && pages.some(({ not_held }) => not_held.includes(field))
  ).map(([field]) => field);
  if (doubtful.length === 0) return template;
  const again = learnTemplate(
    name,
    indexes,
    pages.map(({ facts }) => facts),
    Object.fromEntries(doubtful.map((field) => [field, types[field] ?? "text"])),
  );
  const labelled = Object.entries(again.fields).flatMap(([field, learned]) => {
    const only = byLabel(learned);
    return only === null ? [] : [[field, only] as const];
  });
  return { ...template, fields: { ...template.fields, ...Object.fromEntries(labelled) } };
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
