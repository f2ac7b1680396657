import { indexPage, type PageIndex } from "./index/page_index.ts";
import { PageView } from "./index/view.ts";
import { asForm, readRule } from "./read_rule.ts";
import { describeRule, type ExtractionMap, type FieldMap } from "./rule.ts";
import { templateOf } from "./templates.ts";
import type { FactValue } from "./values/type.ts";

/** A value that a map read, how sure it is, and by which rule, in words. */
interface MappedValue {
  value: FactValue;
  confidence: number;
  rule: string;
}

/** Reads a page by a map. A field is left out when no rule reads it, or when two read different values. */
export function apply(map: ExtractionMap, page: string): Record<string, MappedValue> {
  return applyToIndex(map, indexPage(page));
}

/** The same for a page that was indexed before. */
export function applyToIndex(map: ExtractionMap, index: PageIndex): Record<string, MappedValue> {
  const template = templateOf(map.templates, index.sketch);
  if (template === null) return {};
  const view = new PageView(index);
  return Object.fromEntries(
    Object.entries(template.fields).flatMap(([field, learned]) => {
      const value = vote(learned, view);
      return value === null ? [] : [[field, value]];
    }),
  );
}

/** What the field's rules agree on; the surest that reads by itself says how sure it is. */
function vote(field: FieldMap, view: PageView): MappedValue | null {
  const read = field.rules.flatMap((rule) => {
    const found = readRule(rule, field, view);
    return found === null ? [] : [{ rule, found }];
  });
  const surest = read.filter(({ rule }) => !rule.confirms)
    .reduce<typeof read[number] | null>(
      (best, one) => best === null || one.rule.confidence > best.rule.confidence ? one : best,
      null,
    );
  if (surest === null) return null;
  const { rule, found: { normal } } = surest;
  if (read.some(({ found }) => found.normal !== normal)) return null;
  const spelled = field.spelled !== undefined && Object.hasOwn(field.spelled, normal)
    ? field.spelled[normal]
    : undefined;
  const value = spelled ?? asForm(surest.found, field.form);
  return { value, confidence: rule.confidence, rule: describeRule(rule) };
}
