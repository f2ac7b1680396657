import { z } from "zod";
import type { ServingMap } from "../../domain/serving_maps.ts";
import { uuid } from "../../domain/uuid.ts";
import { extractionMap } from "../../learning/rule.ts";
import { namesRule } from "./names.ts";

/** What was learned of one template: `extraction_maps.rules`. */
const mapRules = z.object({
  /** The rules of its fields, as a map of one template. */
  map: extractionMap,
  /** Where its pages name the vehicle; null where no place of them does. */
  names: namesRule.nullable(),
  /** The currency of all its sums; null where they have several, or none is known. */
  currency: z.string().nullable(),
  /** Ids of the maps whose pages it reads instead. */
  replaces: z.array(uuid),
});
export type MapRules = z.infer<typeof mapRules>;

const parsed = new WeakMap<ServingMap, MapRules>();

/** The rules of a map, checked once however many pages it reads. @throws ZodError */
export function rulesOf(map: ServingMap): MapRules {
  const known = parsed.get(map);
  if (known !== undefined) return known;
  const rules = mapRules.parse(map.rules);
  parsed.set(map, rules);
  return rules;
}
