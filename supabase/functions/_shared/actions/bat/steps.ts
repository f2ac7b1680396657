import type { ApplyItem } from "../../store/apply.ts";

type Read = Omit<ApplyItem, "vehicle_id">;

/** One of the two steps in which an auction is extracted: the part of a reading that it writes. */
export type ExtractionStep = (item: Read) => Read;

const COMMENTS = "extract_comments";

/** Core facts, outcome and gallery, without bids and comments. */
export const core: ExtractionStep = ({ bids: _, comments: _c, steps, ...rest }) => ({
  ...rest,
  steps: (steps ?? []).filter((step) => step.step_name !== COMMENTS),
});

/**
 * Bids and comments. They hang on the record of their auction, which states how many there are, so
 * that is written with them; no fact of the vehicle is.
 */
export const comments: ExtractionStep = (item) => {
  const { facts: _, retractions: _r, absent: _a, images: _i, steps, ...rest } = item;
  const own = (steps ?? []).filter((step) => step.step_name === COMMENTS);
  if (own.length > 0) return { ...rest, steps: own };
  // The page could not be read: it is this step that failed, and this one that is tried again.
  const failed = (steps ?? []).filter((step) => step.status === "failed");
  return { ...rest, steps: failed.map((step) => ({ ...step, step_name: COMMENTS })) };
};
