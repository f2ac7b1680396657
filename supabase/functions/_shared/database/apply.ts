import { z } from "zod";
import type { Extraction } from "../domain/extraction.ts";
import { FIELD_NAMES, type ReadingWay } from "../domain/fact.ts";
import { OUTCOME_CODES, type OutcomeCode } from "../domain/outcome.ts";
import type { StepName } from "../domain/step.ts";
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

/** A fact as `apply_extractions` takes it; `method` where it is not the item's. */
interface AppliedFact {
  value: unknown;
  confidence: number;
  evidence: string;
  way: ReadingWay;
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
  /** How looking for a first picture went: the step `backfill_images`, with `image_results`. */
  cover?: { known: number; duration_ms: number; message: string | null };
  /** The steps that are asked of this reading. The first stands for the whole: it fails when the page cannot be read. */
  steps?: StepName[];
  /** How long reading took, milliseconds, with what was waited for the host. */
  duration_ms?: number;
  /** What else is put on record with the first step. */
  step_metadata?: Record<string, unknown>;
}

/** A step as it ended: a row of `scrape_steps`. */
export const endedStep = z.object({
  step_name: z.string(),
  /** `pending`: left to the queue that finishes it. */
  status: z.enum(["success", "failed", "skipped", "pending"]),
  outcome_code: z.string().nullable(),
  error_message: z.string().nullable(),
  duration_ms: z.number().nullable(),
});
export type EndedStep = z.infer<typeof endedStep>;

const fields = z.array(z.enum(FIELD_NAMES)).default([]);
const change = z.object({ old: z.unknown(), new: z.unknown() });

/** One result of `apply_extractions`. */
export const applyResult = z.object({
  index: z.int(),
  vehicle_id: z.string().nullable(),
  /** How the attempt ended; of the three words that are no outcome code nothing was written. */
  outcome: z.enum([...OUTCOME_CODES, "stale_lease", "no_such_vehicle", "vehicle_locked"]),
  /** Whether it may end otherwise another time. */
  can_heal: z.boolean(),
  error: z.string().nullable().default(null),
  steps: z.array(endedStep).default([]),
  /** Parts of the reading that could not be written, by step; the others were. */
  step_errors: z.record(z.string(), z.string()).default({}),
  changes: z.partialRecord(z.enum(FIELD_NAMES), change).default({}),
  fields_updated: fields,
  filled: fields,
  /** Replaced by a better value. */
  corrected: fields,
  /** Taken back by the page. */
  cleared: fields,
  confirmed: fields,
  conflicts: fields,
  score_before: z.number().nullable().default(null),
  score_after: z.number().nullable().default(null),
  gained: z.boolean().default(false),
  /** Of the queue row that asked, else of the vehicle's passes. */
  state: z.string().nullable().default(null),
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
