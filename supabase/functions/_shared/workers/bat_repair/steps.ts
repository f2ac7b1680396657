import { type ItemFilter, stepOnly } from "../scrape/vehicles.ts";

const COMMENTS = "extract_comments";

/** Core facts, outcome and gallery, without bids and comments. */
export const core: ItemFilter = ({ bids: _, comments: _c, steps, ...rest }) => ({
  ...rest,
  steps: steps?.filter((step) => step.step_name !== COMMENTS),
});

/**
 * Bids and comments. They hang on the record of their auction, which states how many there are, so
 * that is written with them; no fact of the vehicle is.
 */
export const comments: ItemFilter = (
  { facts: _, retractions: _r, absent: _a, images: _i, steps, ...rest },
) => ({ ...rest, steps: stepOnly(steps, COMMENTS) });
