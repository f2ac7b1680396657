/** The shapes of what is known of one vehicle. */
import * as z from "zod/mini";
import { stateSchema } from "./shapes.ts";

const text = z.optional(z.nullable(z.string()));
const number = z.optional(z.nullable(z.number()));
const flag = z.optional(z.nullable(z.boolean()));
const id = z.union([z.string(), z.number()]);
const texts = z.catch(z.array(z.string()), []);

export const foundSchema = z.object({
  by: text,
  says: text,
  rows: z.array(z.object({
    vehicle_id: z.string(),
    title: text,
    vin: text,
    score: number,
    state: text,
    host: text,
    created_at: text,
  })),
});

const disagreement = z.object({
  value: text,
  confidence: number,
  source_url: text,
  evidence: text,
});

const field = z.object({
  field: z.string(),
  value: text,
  confidence: number,
  method: text,
  version: text,
  source: text,
  source_url: text,
  reading_way: text,
  at: text,
  why: text,
  evidence: text,
  by_hand: flag,
  seen: text,
  counts: flag,
  in_conflict: z.catch(z.array(disagreement), []),
});
export type Field = z.infer<typeof field>;

const snapshot = z.object({
  id: z.string(),
  bucket: text,
  path: text,
  url: text,
  fetched_at: text,
  bytes: number,
  content_type: text,
});

const image = z.object({ id: z.string(), bucket: text, path: text, width: number, height: number });
export type Image = z.infer<typeof image>;

export const vehicleSchema = z.object({
  now: text,
  says: text,
  merged_into: text,
  vehicle: z.nullable(z.object({
    id: z.string(),
    title: text,
    created_at: text,
    updated_at: text,
    discovery_url: text,
    listing_url: text,
    sale_status: text,
    currency: text,
  })),
  score: z.optional(z.nullable(z.object({
    overall: number,
    complete: flag,
    missing: texts,
    unsure: texts,
    issues: texts,
    points: z.catch(
      z.array(z.object({ field: z.string(), points: z.number(), earned: z.nullable(z.number()) })),
      [],
    ),
  }))),
  fields: z.catch(z.array(field), []),
  history: z.catch(
    z.array(z.object({
      id,
      field: z.string(),
      value: text,
      previous_value: text,
      confidence: number,
      status: text,
      evidence: text,
      reading_way: text,
      method: text,
      source_url: text,
      extracted_at: text,
      reviewed_at: text,
      note: text,
    })),
    [],
  ),
  history_left: number,
  images: z.catch(z.array(image), []),
  image_downloads: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
  listings: z.catch(
    z.array(z.object({
      url: z.string(),
      host: text,
      kind: text,
      status: text,
      price: number,
      currency: text,
      title: text,
      first_seen_at: text,
      last_seen_at: text,
      ended_at: text,
      ended_because: text,
      events: z.catch(
        z.array(z.object({
          event: z.string(),
          at: text,
          price_from: number,
          price_to: number,
          status_to: text,
        })),
        [],
      ),
    })),
    [],
  ),
  comments: z.catch(z.array(z.object({ author: text, text, at: text })), []),
  queues: z.catch(
    z.array(z.object({
      queue: z.string(),
      id,
      status: text,
      attempts: number,
      next_attempt_at: text,
      outcome_code: text,
      error: text,
    })),
    [],
  ),
  micro_scrape: z.optional(z.nullable(z.object({
    state: text,
    due_at: text,
    no_gain_passes: number,
    last_checked_at: text,
    last_outcome: text,
    last_error: text,
  }))),
  steps: z.catch(
    z.array(
      z.object({ step: z.string(), status: text, outcome_code: text, error: text, at: text }),
    ),
    [],
  ),
  snapshots: z.catch(z.array(snapshot), []),
  candidates: z.catch(
    z.array(z.object({
      id,
      other_vehicle_id: text,
      other_title: text,
      vin: text,
      score: number,
      status: text,
    })),
    [],
  ),
  actions: z.catch(
    z.array(z.object({ at: text, operator: text, action: text, outcome: text, said: text })),
    [],
  ),
});
export type Vehicle = z.infer<typeof vehicleSchema>;

export const reviewSchema = z.object({
  now: text,
  open: z.optional(z.record(z.string(), z.unknown())),
  after: text,
  rows: z.array(z.object({
    id: z.number(),
    kind: z.string(),
    vehicle_id: z.string(),
    title: text,
    field: z.string(),
    value: text,
    confidence: number,
    reading_way: text,
    method: text,
    source_url: text,
    evidence: text,
    read_at: text,
    snapshot: z.optional(z.nullable(z.object({ id: z.string(), bucket: text, path: text }))),
    held: z.optional(z.nullable(z.object({
      value: text,
      confidence: number,
      source: text,
      source_url: text,
      evidence: text,
    }))),
    why: text,
    points: number,
    seen: text,
  })),
});
export type Doubt = z.infer<typeof reviewSchema>["rows"][number];

export const activitySchema = z.object({
  says: z.string(),
  empty: text,
  rows: z.array(z.object({
    key: z.string(),
    state: stateSchema,
    title: z.string(),
    says: text,
    values: z.record(z.string(), z.unknown()),
  })),
});
