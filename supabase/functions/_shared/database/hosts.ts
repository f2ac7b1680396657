import { z } from "zod";
import type { OutcomeCode } from "../domain/outcome.ts";
import type { ServingMaps } from "../domain/serving_maps.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { heldMapsVersion, mapsOfAnswer, servingAnswer } from "./learning.ts";
import { type NewestSnapshot, newestSnapshot } from "./snapshots.ts";

const breaker = z.enum(["closed", "open", "half_open"]);

/** What `prepare_fetches` says of one host. Times are distances in milliseconds from the answer. */
const hostSlots = z.object({
  host: z.string(),
  /** Slots given: the first in `first_in_ms`, the others `interval_ms` apart. */
  granted: z.int(),
  /** When nothing was granted: when the next slot can be had. */
  first_in_ms: z.number(),
  interval_ms: z.number(),
  /** How late a slot may be used, where the site asked for the pace; null where it did not. */
  late_ms: z.number().nullable().default(null),
  breaker,
  /** Why the host may not be asked now; null when it may. */
  why: z.string().nullable(),
  /** Nothing was granted because others come first, or because the budget is used up; `why` says which. */
  put_off: z.boolean(),
  /** Requests for pages of new listings that are left of the host's budget; null when it has none. */
  budget_left: z.int().nullable(),
  robots_version: z.string().nullable(),
  /** How long the robots.txt held may still be relied on; null when none was ever read. */
  robots_fresh_ms: z.number().nullable(),
  /** Only when it differs from the version that the worker said it knows. */
  robots: z.object({
    status: z.int().nullable(),
    body: z.string().nullable(),
    error: z.string().nullable(),
  }).optional(),
});
export type HostSlots = z.infer<typeof hostSlots>;

const prepared = z.object({
  slots: z.array(hostSlots),
  snapshots: z.array(newestSnapshot),
  maps: servingAnswer.optional(),
});

/** What is wanted to be known before pages are asked for. */
interface PreparationRequest {
  hosts: SlotRequest[];
  /** Slots are reserved so far ahead, milliseconds. */
  horizonMs: number;
  urls: string[];
  /** Whether what reads the pages is asked for too. */
  maps: boolean;
}

/** What is then known. */
interface Prepared {
  slots: HostSlots[];
  snapshots: NewestSnapshot[];
  /** The extraction maps that read pages now; only where they were asked for. */
  maps?: ServingMaps;
}

/** How a host stands after what was recorded of it. */
const hostStanding = z.object({
  host: z.string(),
  breaker,
  why: z.string().nullable(),
  retry_in_ms: z.number().nullable(),
});
export type HostStanding = z.infer<typeof hostStanding>;

/**
 * What is asked for, the most urgent first: pages come before pictures, and pages of new listings
 * have a budget. `new_page` is a page that nobody asked for by name.
 */
export const REQUEST_KINDS = ["page", "new_page", "cover", "gallery"] as const;
export type RequestKind = typeof REQUEST_KINDS[number];

export type SlotRequest = {
  host: string;
  count: number;
  /** By itself a page. */
  kind?: RequestKind;
  /** Whether it goes on with the probe that this worker holds. */
  probing: boolean;
  known_robots: string | null;
  /** Slots for new pages that were given before and missed: their budget is given back. */
  unused?: number;
};

/** One attempt at one URL: a row of `scraping_health`. */
export type Attempt = {
  source: string;
  host: string | null;
  url: string;
  outcome: OutcomeCode;
  status: number | null;
  ms: number;
  bytes: number;
  message: string | null;
};

/** What one request to a host came to, for its breaker and its pace. */
export type HostAnswer = {
  host: string;
  outcome: OutcomeCode;
  /** HTTP status; null when none came. */
  status: number | null;
  /** Milliseconds that it took; null when that says nothing of the host. */
  ms: number | null;
  retry_after_ms: number | null;
  message: string | null;
};

/** A robots.txt that was read (`error` null), or why it could not be. */
export type RobotsReading = {
  host: string;
  status: number | null;
  body: string | null;
  error: string | null;
  crawl_delay_ms: number | null;
  fresh_ms: number;
};

/** A page kept: a row of `page_snapshots`. */
export type NewSnapshot = {
  id: string;
  canonical_url: string;
  url: string;
  final_url: string;
  sha256: string;
  fetched_at: string;
  status: number;
  etag: string | null;
  last_modified: string | null;
  content_type: string;
  bytes: number;
  stored_bytes: number;
  storage_path: string;
};

/** What a worker has to write down, as `record_fetches` takes it; `age_ms` is before now. */
export type FetchReport = {
  attempts: (Attempt & { age_ms: number })[];
  answers: HostAnswer[];
  robots: RobotsReading[];
  /** Hosts whose probe this worker holds and gives back without an answer. */
  released: string[];
  snapshots: NewSnapshot[];
  /** Snapshots seen again unchanged. */
  seen: { id: string; age_ms: number }[];
};

/** The part of the database through which all workers are polite together. */
export interface HostStore {
  /** Next free slots of hosts, the newest snapshots of URLs, and what reads pages. @throws DatabaseError. */
  prepare(worker: string, wanted: PreparationRequest): Promise<Prepared>;
  /** Writes a report in one transaction; gives how the hosts in it now stand. @throws DatabaseError. */
  record(worker: string, report: FetchReport): Promise<HostStanding[]>;
}

/** The host tables behind the REST API. */
export function hostDatabase(database: DatabaseClient): HostStore {
  return {
    async prepare(worker, { hosts, horizonMs, urls, maps }) {
      const answer = await database.rpc("prepare_fetches", {
        p_worker: worker,
        p_requests: hosts,
        p_horizon_ms: Math.round(horizonMs),
        p_urls: urls,
        p_known_maps: maps ? heldMapsVersion() : undefined,
      });
      const { maps: serving, ...known } = prepared.parse(unwrap("prepare_fetches", answer));
      return { ...known, maps: serving && mapsOfAnswer(serving) };
    },
    async record(worker, report) {
      const answer = await database.rpc("record_fetches", { p_worker: worker, p_report: report });
      return z.array(hostStanding).parse(unwrap("recording fetches", answer));
    },
  };
}
