import type { ApplyItem } from "../../database/apply.ts";
import { RETRY_QUEUE, type RetryRow } from "../../database/retries.ts";
import type { OutcomeCode } from "../../domain/outcome.ts";
import { requestOf } from "../lease/queue.ts";
import type { PageFrom } from "../scrape/read_listing.ts";

/** What is to be written of a step that was tried: a reading, or no more than how it ended. */
export type RetryItem =
  | { kind: "reading"; row: RetryRow; item: ApplyItem }
  | { kind: "ended"; row: RetryRow; outcome: OutcomeCode; error: string | null };

/** A step that was tried. */
export interface Tried {
  kind: "done";
  item: RetryItem;
  from: PageFrom;
}

/** A try that is no reading. */
export function ended(row: RetryRow, outcome: OutcomeCode, error: string | null): Tried {
  return { kind: "done", from: null, item: { kind: "ended", row, outcome, error } };
}

/** A try that read something; writing it settles the row. */
export function reading(row: RetryRow, item: ApplyItem, from: PageFrom): Tried {
  const asked = { ...item, ...requestOf(RETRY_QUEUE.name, row) };
  return { kind: "done", from, item: { kind: "reading", row, item: asked } };
}
