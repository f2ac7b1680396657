import type { WorkItem } from "../../database/micro_scrape.ts";

/** Actions that read the listing's page; one fetch serves all of them. */
const PAGE_ACTIONS: readonly string[] = [
  "extract-vin-from-vehicle",
  "comprehensive-bat-extraction",
  "scrape-vehicle",
  "extract-images",
  // A description is generated only when the source states none, so the source is asked first.
  "generate-vehicle-description",
];

const FACT_TARGETS = [
  "year",
  "make",
  "model",
  "sale_price",
  "high_bid",
  "asking_price",
  "sale_status",
  "mileage",
  "color",
  "engine",
  "transmission",
];

/** What each action is there to fill: it succeeded when one of these was filled. */
export const TARGETS: Readonly<Record<string, readonly string[]>> = {
  "extract-vin-from-vehicle": ["vin"],
  "comprehensive-bat-extraction": FACT_TARGETS,
  "scrape-vehicle": FACT_TARGETS,
  "extract-images": ["images"],
  "retry-image-backfill": ["images"],
  "generate-vehicle-description": ["description"],
};

/** What one pass over a vehicle has to do. */
interface Plan {
  readPage: boolean;
  cover: boolean;
  description: boolean;
}

/** The work that the gaps of a vehicle ask for. A vehicle asked for by name is always read. */
export function planPass(item: WorkItem, askedByName: boolean): Plan {
  const actions = item.recommended_actions;
  return {
    readPage: askedByName || actions.some((action) => PAGE_ACTIONS.includes(action)),
    cover: item.image_count === 0,
    description: item.missing_fields.includes("description"),
  };
}
