import type { Extraction } from "../../domain/extraction.ts";
import { STEP_NAMES, type StepName } from "../../domain/step.ts";
import { type Action, comments, everything, imageUrls, vin } from "../scrape/item.ts";

/** A step that reads the listing's page. */
export interface PageStep {
  /** What of the reading is written. */
  action: Action;
  /**
   * Whether a page states what the step is after, so that a snapshot will do; null for a step that
   * is after the page of today.
   */
  states: ((extraction: Extraction) => boolean) | null;
  /** Bids and comments go on while an auction is live: its snapshot is old. */
  movesWhileLive?: boolean;
}

/** How each step is tried again: from a page, or by the worker that makes it. */
export const STEPS: Readonly<Record<StepName, PageStep | "images" | "description">> = {
  extract_data: { action: everything, states: null },
  read_again: { action: { ...everything, steps: ["read_again"] }, states: null },
  extract_vin: { action: vin, states: ({ facts }) => facts.vin !== undefined },
  extract_images: { action: imageUrls, states: ({ images }) => images.length > 0 },
  extract_comments: {
    action: comments,
    states: ({ auction, bids, comments: said }) =>
      auction !== null && bids.length + said.length > 0,
    movesWhileLive: true,
  },
  backfill_images: "images",
  generate_description: "description",
};

/** Whether a name is one of a step. */
export function isStep(name: string): name is StepName {
  return STEP_NAMES.some((one) => one === name);
}

/** What is said of a step that nobody knows. */
export function unknownStep(name: string): string {
  return `no step is called "${name}": known are ${STEP_NAMES.join(", ")}`;
}
