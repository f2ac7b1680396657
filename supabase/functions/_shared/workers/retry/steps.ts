import type { Extraction } from "../../domain/extraction.ts";
import { comments } from "../bat_repair/steps.ts";
import { everything, fieldOnly, imagesOnly, type ItemFilter } from "../scrape/vehicles.ts";

/** A step that reads the listing's page. */
export interface PageStep {
  /** The part of the reading that is written. */
  pick: ItemFilter;
  /**
   * Whether a page states what the step is after, so that a snapshot will do; null for a step that
   * is after the page of today.
   */
  states: ((extraction: Extraction) => boolean) | null;
  /** Bids and comments go on while an auction is live: its snapshot is old. */
  movesWhileLive?: boolean;
}

/** The steps that read a page, and what of it each writes. */
export const PAGE_STEPS: Readonly<Record<string, PageStep>> = {
  extract_data: { pick: everything, states: null },
  read_again: { pick: everything, states: null },
  extract_vin: { pick: fieldOnly("vin"), states: ({ facts }) => facts.vin !== undefined },
  extract_images: { pick: imagesOnly, states: ({ images }) => images.length > 0 },
  extract_comments: {
    pick: comments,
    states: ({ auction, bids, comments: said }) =>
      auction !== null && bids.length + said.length > 0,
    movesWhileLive: true,
  },
};

/** Every step that can be tried again alone. */
export const STEP_NAMES: readonly string[] = [
  ...Object.keys(PAGE_STEPS),
  "backfill_images",
  "generate_description",
];

/** What is said of a step that nobody knows. */
export function unknownStep(name: string): string {
  return `no step is called "${name}": known are ${STEP_NAMES.join(", ")}`;
}
