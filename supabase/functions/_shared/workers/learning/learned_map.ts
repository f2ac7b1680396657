import type { LearnedMap } from "../../database/learning.ts";
import type { PageIndex } from "../../learning/index/page_index.ts";
import type { TemplateMap } from "../../learning/rule.ts";
import type { FactValue } from "../../learning/values/type.ts";
import { learnNames } from "../../sources/maps/names.ts";

/** All pages of a site have it: no place of them is looked for. */
export const CONSTANT = "currency";

type Facts = Readonly<Record<string, FactValue | null>>;

/**
 * What a job has learned of one template, as it is written down.
 * @param replaced for each page that a serving map reads now, that map's id.
 */
export function learnedMap(
  template: TemplateMap,
  pages: readonly { snapshot_id: string; facts: Facts; page_index: PageIndex }[],
  replaced: readonly string[],
): LearnedMap {
  const facts = pages.map((page) => page.facts);
  const names = learnNames(pages.map(({ page_index }) => page_index), facts);
  const best = Object.entries(template.fields).flatMap(([field, { rules }]) => {
    const surest = rules.filter(({ confirms }) => !confirms)
      .reduce<typeof rules[number] | null>(
        (one, other) => one === null || other.confidence > one.confidence ? other : one,
        null,
      );
    return surest === null ? [] : [{ field, surest }];
  });
  const fields = new Set(best.map(({ field }) => field));
  if (names !== null) { for (const field of ["year", "make", "model"]) fields.add(field); }
  const currency = currencyOf(facts);
  if (fields.has("asking_price")) fields.add("sale_status");
  if (currency !== null && ["asking_price", "sale_price", "high_bid"].some((f) => fields.has(f))) {
    fields.add(CONSTANT);
  }
  const sum = (of: (rule: typeof best[number]["surest"]) => number) =>
    best.reduce((total, { surest }) => total + of(surest), 0);
  return {
    template: template.name,
    confidence: Math.max(0, ...best.map(({ surest }) => surest.confidence)),
    rules: {
      map: { version: 1, templates: [template] },
      names,
      currency,
      replaces: mostOf(replaced, pages.length),
    },
    fields: [...fields].sort(),
    support: sum(({ support }) => support),
    held_out: sum(({ heldOut }) => heldOut.n),
    errors: sum(({ heldOut }) => heldOut.errors),
    learned_from: pages.map(({ snapshot_id }) => snapshot_id),
  };
}

/** The one currency of vehicles whose currency is known, of three at least. */
function currencyOf(facts: readonly Facts[]): string | null {
  const known = facts.flatMap(({ currency }) => typeof currency === "string" ? [currency] : []);
  const [first] = known;
  return first !== undefined && known.length >= 3 && known.every((one) => one === first)
    ? first
    : null;
}

/** The maps that read more than half of the pages. */
function mostOf(ids: readonly string[], pages: number): string[] {
  return [...Map.groupBy(ids, (id) => id)].filter(([, its]) => its.length > pages / 2)
    .map(([id]) => id);
}
