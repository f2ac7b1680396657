import { z } from "zod";
import { FIELD_TYPES } from "./values/type.ts";

const share = z.number().min(0).max(1);
const count = z.int().min(0);

/** Where a value stands, as JSON: no expression that is run, no code. */
const rule = z.object({
  /**
   * What leads to it. `before`: the label that precedes it. `above`: the heading of its table column.
   * `inside`: the label in the same text, which is `prefix`, or the unit behind a number, which is `suffix`. `name`: an `id`, a class, an `itemprop`.
   * `meta`: a meta tag. `path`: the tags around it.
   */
  by: z.enum(["before", "above", "inside", "name", "meta", "path"]),
  /** The label, name or path; `""` with `inside`. */
  anchor: z.string(),
  /** What stands `before` it is another field's value: nothing but the order of the fields speaks. */
  afterValue: z.literal(true).optional(),
  /** Which kind of text is meant. */
  unit: z.enum(["piece", "line", "attribute", "meta"]),
  /** Literal text before the value and behind it. */
  prefix: z.string(),
  suffix: z.string(),
  /** Whether the text begins with the prefix, or only holds it. */
  atStart: z.boolean(),
  /** An element around it has this name, and none has one of those. */
  within: z.string().optional(),
  outside: z.array(z.string()).optional(),
  /** Which of the texts that are left, and how many there must be. */
  nth: z.object({ index: count, of: count.nullable() }).optional(),
  /** The only values that the field is known to have: nothing else is read. */
  values: z.array(z.string()).optional(),
  /** What each text means that stands there: the page says it in other words. Nothing else is read. */
  means: z.record(z.string(), z.string()).optional(),
  /** Texts that stand there instead of a value. */
  never: z.array(z.string()).optional(),
});
export type Rule = z.infer<typeof rule>;

const learnedRule = rule.extend({
  /** Pages on which it gives the known value. */
  support: count,
  /** Pages on which it was tried without having been learned there, and how often it was wrong. */
  heldOut: z.object({ n: count, errors: count }),
  /** The lower 95 % bound of its precision there, within the caps. */
  confidence: share,
  /**
   * It reads nothing by itself, and only confirms or contradicts what another reads: where that one
   * finds no label, the page lacks the field.
   */
  confirms: z.boolean(),
});
export type LearnedRule = z.infer<typeof learnedRule>;

/** How the values of a field are written in the facts it was learned from, and so in what is read. */
const form = z.enum(["number", "normal", "two decimals", "written"]);
export type Form = z.infer<typeof form>;

/** What holds for all rules of a field. */
const fieldTraits = z.object({
  type: z.enum(FIELD_TYPES),
  form,
  convention: z.enum([".", ",", "day first", "month first"]).nullable(),
  /** What its codes have in common. */
  shape: z.object({
    lengths: z.array(count),
    letters: z.enum(["all", "some", "none"]),
    prefix: z.string(),
  }).nullable(),
  /** Whether its sums have a currency beside them: a bare number is none then. */
  currency: z.boolean(),
  /** The known values as the facts write them, by their comparable form, where the pages write them otherwise. */
  spelled: z.record(z.string(), z.string()).optional(),
  /** Length of the longest known value, in its comparable form. */
  longest: count,
});
export type FieldTraits = z.infer<typeof fieldTraits>;

const fieldMap = fieldTraits.extend({
  rules: z.array(learnedRule),
  /** Pages whose fact is known, and of those the ones that show it. */
  known: count,
  found: count,
  /** Why there is no rule; null when there is one. */
  givenUp: z.string().nullable(),
});
export type FieldMap = z.infer<typeof fieldMap>;

const template = z.object({
  name: z.string(),
  pages: count,
  /** Sketches of pages of this template; a page belongs to the template of the nearest. */
  sketches: z.array(z.object({ paths: z.array(z.number()), classes: z.array(z.number()) })),
  fields: z.record(z.string(), fieldMap),
});
export type TemplateMap = z.infer<typeof template>;

/** What was learned from the pages of a site: its templates, and the rules of each field. JSON. */
export const extractionMap = z.object({ version: z.literal(1), templates: z.array(template) });
export type ExtractionMap = z.infer<typeof extractionMap>;

/** A rule in words. */
export function describeRule(rule: Rule): string {
  const nth = rule.nth === undefined ? "" : `, number ${rule.nth.index + 1}`;
  const within = rule.within === undefined ? "" : `, within ${rule.within}`;
  const outside = rule.outside === undefined ? "" : `, outside ${rule.outside.join(" and ")}`;
  const values = rule.values === undefined ? "" : `, one of ${rule.values.length} values`;
  const means = rule.means === undefined ? "" : ", in other words";
  return `${anchorInWords(rule)}${cutInWords(rule)}${within}${outside}${nth}${values}${means}`;
}

function anchorInWords({ by, anchor, prefix, suffix }: Rule): string {
  if (by === "before") return `label "${anchor}" before`;
  if (by === "above") return `label "${anchor}" above`;
  if (by === "inside" && prefix === "") return `unit "${suffix.trim()}" behind`;
  if (by === "inside") return `label "${prefix.trim()}" inside`;
  return `${by} ${anchor}`;
}

function cutInWords({ by, prefix, suffix }: Rule): string {
  const after = by === "inside" || prefix === "" ? "" : ` after "${prefix}"`;
  const isUnit = by === "inside" && prefix === "";
  return `${after}${suffix === "" || isUnit ? "" : ` up to "${suffix}"`}`;
}
