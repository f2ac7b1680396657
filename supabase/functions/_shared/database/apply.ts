import { z } from "zod";
import type { Extraction } from "../domain/extraction.ts";
import { FIELD_NAMES } from "../domain/fact.ts";
import type { OutcomeCode } from "../domain/outcome.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";
import { withRetry } from "./with_retry.ts";

/** The queue row that asked for a reading; its lease token fences the write. */
export interface LeasedRequest {
  queue: string;
  id?: string;
  lease_token: string;
}

/** One step of a scrape, for `scrape_steps`. */
export interface Step {
  step_name: string;
  status: "success" | "failed" | "skipped";
  error_message?: string | null;
  metadata?: Record<string, unknown>;
  /** The attempt's own outcome where it is not the item's. */
  outcome_code?: OutcomeCode;
  duration_ms?: number;
}

/** A fact as `apply_extractions` takes it; `method` where it is not the item's. */
interface AppliedFact {
  value: unknown;
  confidence: number;
  evidence: string;
  method?: string;
}

/** One reading to apply: what was asked, how it ended, and what was read. */
export interface ApplyItem {
  vehicle_id: string;
  request?: LeasedRequest;
  outcome: OutcomeCode;
  error?: string | null;
  /** Not to be tried again before, ISO 8601. */
  retry_at?: string | null;
  source_url: string;
  page_at?: string;
  snapshot_id?: string | null;
  method?: string;
  scraper_version?: string;
  extraction_hash?: string;
  facts?: Record<string, AppliedFact>;
  retractions?: Extraction["retractions"];
  absent?: Extraction["absent"];
  /** Fields that are taken back when this version no longer reads them from the page they came from. */
  read_again?: string[];
  images?: string[];
  /** As `private.store_image_results` takes them. */
  image_results?: unknown[];
  auction?: Extraction["auction"];
  bids?: Extraction["bids"];
  comments?: Extraction["comments"];
  steps?: Step[];
}

const change = z.object({ old: z.unknown(), new: z.unknown() });

/** One result of `apply_extractions`. */
export const applyResult = z.object({
  index: z.int(),
  vehicle_id: z.string().nullable(),
  status: z.enum(["applied", "refused", "stale_lease", "no_such_vehicle", "failed"]),
  error: z.string().nullish(),
  /** Parts of the reading that could not be written, by step; the others were. */
  step_errors: z.record(z.string(), z.string()).default({}),
  changes: z.partialRecord(z.enum(FIELD_NAMES), change).default({}),
  fields_updated: z.array(z.string()).default([]),
  conflicts: z.array(z.string()).default([]),
  score_before: z.number().nullish(),
  score_after: z.number().nullish(),
  gained: z.boolean().default(false),
  state: z.string().nullish(),
  marked_complete: z.boolean().default(false),
});
/** What became of one item. */
export type ApplyResult = z.infer<typeof applyResult>;

/**
 * Applies a batch of readings in one round trip; results come in the order of the items. When the
 * database does not answer the batch is sent again: an item that was written after all is then
 * reported as `stale_lease`, never written twice.
 * @throws DatabaseError when the database refuses the batch or stays away.
 */
export async function applyExtractions(
  database: DatabaseClient,
  items: ApplyItem[],
): Promise<ApplyResult[]> {
  if (items.length === 0) return [];
  return await withRetry(async () => {
    const answer = await database.rpc("apply_extractions", { p_items: asJson(items) });
    return z.array(applyResult).parse(unwrap("apply_extractions", answer));
  });
}

/** What `applyExtractions` would answer. Changes nothing. */
export async function previewExtractions(
  database: DatabaseClient,
  items: ApplyItem[],
): Promise<ApplyResult[]> {
  if (items.length === 0) return [];
  const answer = await database.rpc("preview_extractions", { p_items: asJson(items) });
  return z.array(applyResult).parse(unwrap("preview_extractions", answer));
}
