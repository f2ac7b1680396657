import type { DatabaseClient } from "../../database/client.ts";
import { LISTING_FEEDS } from "../../database/feeds.ts";
import {
  autoQueueBatBackfills,
  batBackfillCandidates,
  countExpiredLeases,
  pipelineMetrics,
  pipelineWork,
  rescueExpiredLeases,
} from "../../database/pipeline.ts";
import { type FeedReport, totals } from "../discovery/report.ts";
import { type CallFunction, drain, drainPreview } from "./drain.ts";
import { counted, type StepName, type StepOutcome } from "./step.ts";

/** What a run of the pipeline is asked. */
export interface PipelineRequest {
  /** Bring a Trailer vehicles queued to be repaired, at most. */
  backfillBatchSize: number;
  backfillPriority: number;
  /** Feeds checked, at most. */
  feedBatchSize: number;
  /** Only these steps. */
  steps: readonly StepName[];
  dryRun: boolean;
}

/** What the steps need of the outside. */
export interface PipelineTools {
  database: DatabaseClient;
  call: CallFunction;
  /** Checks the feeds that are due, and has ended after so many milliseconds. */
  discover(limit: number, ms: number): Promise<FeedReport[]>;
}

/** The work of each step, and what it would do. `ms` is the step's share of the time. */
export type Works = Record<StepName, (ms: number) => Promise<StepOutcome>>;

const total = (counts: Record<string, number>) =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** The steps that change something. */
export function works(
  { database, call, discover }: PipelineTools,
  request: PipelineRequest,
): Works {
  return {
    async auto_queue_backfills() {
      const { queued, skipped } = await autoQueueBatBackfills(
        database,
        request.backfillBatchSize,
        request.backfillPriority,
      );
      return {
        said: `${counted(queued, "vehicle")} queued to be repaired, ${skipped} waiting already`,
        did: { queued_count: queued, skipped_count: skipped },
      };
    },
    async rescue_expired_leases() {
      const rescued = await rescueExpiredLeases(database);
      return { said: `${counted(total(rescued), "row")} of dead workers rescued`, did: rescued };
    },
    async discover_listings(ms) {
      const feeds = await discover(request.feedBatchSize, ms);
      const sums = totals(feeds);
      const { checked, found, queued, known, failed } = sums;
      return {
        said: `${counted(checked, "feed")} checked, ${counted(found, "listing")} found, ` +
          `${queued} new, ${known} known${failed > 0 ? `; ${counted(failed, "feed")} failed` : ""}`,
        did: { ...sums, feeds },
      };
    },
    async drain_queues() {
      return await drain(await pipelineWork(database), call);
    },
    async collect_metrics() {
      return { said: "stored with the run", did: await pipelineMetrics(database) };
    },
  };
}

/** What the steps would do; changes nothing and asks no site. */
export function previews({ database }: PipelineTools, request: PipelineRequest): Works {
  return {
    async auto_queue_backfills() {
      const vehicles = await batBackfillCandidates(
        database,
        request.backfillBatchSize,
        request.backfillPriority,
      );
      return {
        said: `would queue ${counted(vehicles.length, "vehicle")} to be repaired`,
        did: { vehicles },
      };
    },
    async rescue_expired_leases() {
      const expired = await countExpiredLeases(database);
      return { said: `would rescue ${counted(total(expired), "row")}`, did: expired };
    },
    async discover_listings() {
      const feeds = await LISTING_FEEDS.preview(database, { limit: request.feedBatchSize });
      return {
        said: `would check ${counted(feeds.length, "feed")}`,
        did: { feeds: feeds.map(({ id, source, url }) => ({ id, source, url })) },
      };
    },
    async drain_queues() {
      return drainPreview(await pipelineWork(database));
    },
    async collect_metrics() {
      return { said: "measured, not stored", did: await pipelineMetrics(database) };
    },
  };
}
