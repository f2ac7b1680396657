/**
 * What is done to a vehicle, as `scrape_steps` and `scrape_retry_queue` name it. Each can be tried
 * again alone. SQL decides which of them a reading made and how they ended.
 */
export const STEP_NAMES = [
  "extract_data",
  "read_again",
  "extract_vin",
  "extract_images",
  "extract_comments",
  "backfill_images",
  "generate_description",
] as const;
export type StepName = (typeof STEP_NAMES)[number];
