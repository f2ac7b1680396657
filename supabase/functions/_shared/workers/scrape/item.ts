import type { ApplyItem } from "../../database/apply.ts";
import type { ImportItem } from "../../database/imports.ts";
import type { Extraction } from "../../domain/extraction.ts";
import type { FieldName } from "../../domain/fact.ts";
import type { StepName } from "../../domain/step.ts";
import type { NotStarted } from "../../fetching/result.ts";
import type { Reading } from "./read_listing.ts";

const PARTS = ["facts", "retractions", "absent", "images", "auction", "bids", "comments"] as const;
type Part = (typeof PARTS)[number];

/** The part of a reading that is written, and the steps that are asked of it. */
export interface Action {
  steps: readonly StepName[];
  writes: readonly Part[];
  /** Of facts and of what is absent only this field. */
  field?: FieldName;
}

/** All that the page says. */
export const everything: Action = {
  steps: ["extract_data", "extract_vin", "extract_images", "extract_comments"],
  writes: PARTS,
};

/** Core facts, outcome and gallery, without bids and comments. */
export const core: Action = {
  steps: ["extract_data", "extract_vin", "extract_images"],
  writes: ["facts", "retractions", "absent", "images", "auction"],
};

/**
 * Bids and comments. They hang on the record of their auction, which states how many there are, so
 * that is written with them; no fact of the vehicle is.
 */
export const comments: Action = {
  steps: ["extract_comments"],
  writes: ["auction", "bids", "comments"],
};

/** The image URLs and nothing else. */
export const imageUrls: Action = { steps: ["extract_images"], writes: ["images"] };

export const vin: Action = { steps: ["extract_vin"], writes: ["facts", "absent"], field: "vin" };

export const description: Action = {
  steps: ["generate_description"],
  writes: ["facts", "absent"],
  field: "description",
};

/** What of a page can be written; without an auction there are no bids and no comments. */
function partsOf(extraction: Extraction, field: FieldName | undefined): Pick<ApplyItem, Part> {
  const { facts, retractions, absent, images, auction, bids, comments } = extraction;
  const record = auction === null ? {} : { auction, bids, comments };
  if (field === undefined) return { facts, retractions, absent, images, ...record };
  const fact = facts[field];
  return {
    facts: fact === undefined ? {} : { [field]: fact },
    ...(absent.includes(field) ? { absent: [field] } : {}),
  };
}

/** The item of an import. A listing whose address has changed is one listing, not two. */
export function importItemOf(url: string, reading: Exclude<Reading, NotStarted>): ImportItem {
  const own = reading.kind === "read" ? reading.listingUrl : null;
  return itemOf(own ?? url, reading);
}

/** How a reading ended, what it read, and what of that an action writes: an item without its vehicle. */
export function itemOf(
  url: string,
  reading: Exclude<Reading, NotStarted>,
  action: Action = everything,
): ImportItem {
  const asked = {
    source_url: url,
    steps: [...action.steps],
    duration_ms: Math.round(reading.ms),
  };
  if (reading.kind === "failed") {
    const { code: outcome, message: error, retryAt: retry_at } = reading;
    return { ...asked, outcome, error, retry_at };
  }
  const { extraction } = reading;
  const read = {
    ...asked,
    outcome: reading.outcome,
    page_at: reading.pageAt,
    snapshot_id: reading.snapshotId,
    method: extraction.scraper.name,
    scraper_version: extraction.scraper.version,
    extraction_hash: reading.hash,
  };
  if (extraction.outcome !== "listing") return { ...read, error: extraction.reason };
  const parts = Object.entries(partsOf(extraction, action.field))
    .filter(([part]) => action.writes.some((one) => one === part));
  return { ...read, ...Object.fromEntries(parts) };
}
