import { z } from "zod";

/**
 * How one attempt on a listing ended: the outcome code of `scraping_health`, `scrape_steps` and
 * every queue. docs/operating.md says what each does to the row that asked for it.
 */
export const OUTCOME_CODES = [
  "ok",
  "not_modified",
  "gone",
  "rate_limited",
  "blocked",
  "robots_disallowed",
  "timeout",
  "network",
  "server_error",
  "too_large",
  "unreadable",
  "not_a_listing",
  "invalid",
] as const;
export const outcomeCode = z.enum(OUTCOME_CODES);
export type OutcomeCode = z.infer<typeof outcomeCode>;

/** Whether an attempt with this outcome read its listing: from the site, or in a snapshot of it. */
export function wasRead(outcome: string): boolean {
  return outcome === "ok" || outcome === "not_modified";
}
