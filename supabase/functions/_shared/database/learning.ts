import { z } from "zod";
import { NO_MAPS, type ServingMap, servingMap, type ServingMaps } from "../domain/serving_maps.ts";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";
import { queue } from "./queue.ts";
import { snapshot } from "./snapshots.ts";

/** What `serving_extraction_maps` says; no maps where it was told their version. */
export const servingAnswer = z.object({
  version: z.string(),
  maps: z.array(servingMap).nullable(),
});

/** What was loaded last in this process; the version says whether it is still so. */
let loaded: { version: string; maps: ServingMaps } = { version: "", maps: NO_MAPS };

/** The version of the maps that this process holds: they are not sent again. */
export function heldMapsVersion(): string {
  return loaded.version;
}

/** The maps that read pages now, from an answer to who holds `heldMapsVersion()`. */
export function mapsOfAnswer({ version, maps }: z.infer<typeof servingAnswer>): ServingMaps {
  if (maps !== null) loaded = { version, maps: Map.groupBy(maps, ({ source }) => source) };
  return loaded.maps;
}

/** The maps that read pages now. @throws DatabaseError */
export async function loadServingMaps(database: DatabaseClient): Promise<ServingMaps> {
  const answer = await database.rpc("serving_extraction_maps", { p_known: heldMapsVersion() });
  return mapsOfAnswer(servingAnswer.parse(unwrap("serving_extraction_maps", answer)));
}

const facts = z.record(z.string(), z.union([z.string(), z.number()]).nullable());

/** What the steps of a job have come to so far. */
const jobState = z.object({
  /** Number of the page that is read next. */
  next: z.int().optional(),
  /** By template, the numbers of its pages among those that are learned from. */
  groups: z.array(z.array(z.int())).optional(),
  /** The maps of the first templates. */
  learned: z.array(z.unknown()).optional(),
  /** What was learned of the template that follows them. */
  so_far: z.unknown().optional(),
  map_ids: z.array(uuid).optional(),
  comparisons: z.array(z.unknown()).optional(),
  pages: z.int().optional(),
  adapter_reads: z.int().optional(),
});
export type MapJobState = z.infer<typeof jobState>;

const mapJob = z.object({
  id: uuid,
  source: z.string(),
  cause: z.enum(["unreadable", "coverage", "new_source", "manual", "watch"]),
  fields: z.array(z.string()),
  step: z.enum(["sample", "index", "learn", "compare", "done"]),
  state: jobState,
  lease_token: uuid.nullable(),
});
/** A job that learns maps, or looks at those that serve. */
export type MapJob = z.infer<typeof mapJob>;

export const MAP_JOBS = queue("extraction_map_jobs", mapJob);

const jobPage = z.object({ number: z.int(), url: z.string(), facts, snapshot });
/** A page of a job: where it is kept, and what is held of its vehicle. */
export type MapJobPage = z.infer<typeof jobPage>;

/** What a step made of a page. */
export interface PageOfStep {
  number: number;
  page_index: object | null;
  left_out: string | null;
  /** The VINs that it shows, where its vehicle is not known. */
  vins: string[];
}

const indexedPage = z.object({
  number: z.int(),
  snapshot_id: uuid,
  facts,
  /** Fields that the vehicle's page of before seems not to have stated. */
  not_held: z.array(z.string()),
  page_index: z.record(z.string(), z.unknown()),
});

/** What a job has learned of one template. */
export interface LearnedMap {
  template: string;
  confidence: number;
  rules: Record<string, unknown>;
  fields: string[];
  support: number;
  held_out: number;
  errors: number;
  learned_from: string[];
}

/** A value that a map read, beside the adapter's; null where that one reads none. */
export interface MapComparison {
  map_id: string;
  snapshot_id: string;
  field_name: string;
  map_value: string;
  other_value: string | null;
  agrees: boolean | null;
}

/** Says that the lease of a job was lost: somebody else goes on with it. */
export class LeaseLost extends Error {}

/** One job under its lease. Every write throws `LeaseLost` when another worker has taken it over. */
export function mapJobDatabase(database: DatabaseClient, job: MapJob) {
  const lease = { p_job_id: job.id, p_token: job.lease_token ?? "" };
  const held = <T>(value: T | null | false): T => {
    if (value === null || value === false) throw new LeaseLost(`job ${job.id}`);
    return value;
  };
  return {
    /** Chooses the pages; gives how many. */
    async sample(): Promise<number> {
      const answer = await database.rpc("sample_map_pages", lease);
      return held(z.int().nullable().parse(unwrap("sample_map_pages", answer)));
    },
    async pages(from: number, limit: number): Promise<MapJobPage[]> {
      const answer = await database.rpc("map_job_pages", {
        p_job_id: job.id,
        p_from: from,
        p_limit: limit,
      });
      return z.array(jobPage).parse(unwrap("map_job_pages", answer));
    },
    /** The pages that were read, with their texts; only those with these numbers where some are given. */
    async indexes(numbers?: readonly number[]) {
      let asked = database.from("extraction_map_pages")
        .select("number, snapshot_id, facts, not_held, page_index")
        .eq("job_id", job.id).not("page_index", "is", null).order("number");
      if (numbers !== undefined) asked = asked.in("number", [...numbers]);
      return z.array(indexedPage).parse(unwrap("extraction_map_pages", await asked));
    },
    async checkpoint(step: MapJob["step"], state: MapJobState, pages: readonly PageOfStep[] = []) {
      const answer = await database.rpc("checkpoint_map_job", {
        ...lease,
        p_step: step,
        p_state: asJson(state),
        p_pages: asJson(pages),
      });
      held(z.boolean().parse(unwrap("checkpoint_map_job", answer)));
    },
    async write(maps: readonly unknown[]) {
      const answer = await database.rpc("write_extraction_maps", {
        ...lease,
        p_maps: asJson(maps as object[]),
      });
      held(z.int().nullable().parse(unwrap("write_extraction_maps", answer)));
    },
    async finish(result: string) {
      const answer = await database.rpc("finish_map_job", { ...lease, p_result: result });
      held(z.boolean().parse(unwrap("finish_map_job", answer)));
    },
    /** The maps that it compares. */
    async maps(): Promise<ServingMap[]> {
      const answer = await database.rpc("extraction_maps_of_job", { p_job_id: job.id });
      return z.array(servingMap).parse(unwrap("extraction_maps_of_job", answer));
    },
    /** The last step; gives what was decided, in words. */
    async settle(comparisons: readonly unknown[], pages: number, adapterReads: number) {
      const answer = await database.rpc("settle_map_comparisons", {
        ...lease,
        p_comparisons: asJson(comparisons as object[]),
        p_pages: pages,
        p_adapter_reads: adapterReads,
      });
      return held(z.string().nullable().parse(unwrap("settle_map_comparisons", answer)));
    },
  };
}
export type MapJobDatabase = ReturnType<typeof mapJobDatabase>;
