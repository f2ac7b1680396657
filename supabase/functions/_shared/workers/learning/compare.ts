import type { MapComparison } from "../../database/learning.ts";
import type { Extraction } from "../../domain/extraction.ts";
import type { Fact, FieldName } from "../../domain/fact.ts";
import type { Page } from "../../domain/page.ts";
import type { ServingMap } from "../../domain/serving_maps.ts";
import { readByMaps } from "../../sources/maps/read_by_maps.ts";
import { sameWords } from "../../sources/maps/same_words.ts";

/** What an adapter reads less surely is no measure of a map. */
const SURE = 0.8;

/** What the map of a page's template reads from it, each value beside the adapter's. */
export function compared(
  maps: readonly ServingMap[],
  page: Page,
  adapter: Extraction,
  snapshotId: string,
): MapComparison[] {
  const read = readByMaps(maps, page);
  if (read === null) return [];
  return Object.entries(read.facts).flatMap(([field, fact]): MapComparison[] => {
    const other = adapter.facts[field as FieldName];
    const sure = other !== undefined && other.confidence >= SURE ? other : null;
    return [{
      map_id: read.map.id,
      snapshot_id: snapshotId,
      field_name: field,
      map_value: String(fact.value),
      other_value: sure === null ? null : String(sure.value),
      agrees: sure === null ? null : agree(fact, sure),
    }];
  });
}

function agree({ value: one }: Fact, { value: other }: Fact): boolean {
  return typeof one === "number" && typeof other === "number"
    ? one === other
    : sameWords(one, other);
}

/**
 * Whether an adapter reads a page without help: all that the maps read there, and where they read
 * nothing, because it is of another template, some of what they give elsewhere.
 */
export function adapterReads(
  maps: readonly ServingMap[],
  byMap: readonly MapComparison[],
  { outcome, facts }: Extraction,
): boolean {
  if (outcome !== "listing") return false;
  return byMap.length > 0
    ? byMap.every(({ field_name }) => facts[field_name as FieldName] !== undefined)
    : maps.some(({ fields }) => fields.some((field) => facts[field] !== undefined));
}
