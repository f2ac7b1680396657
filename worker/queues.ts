/** The queues that have a worker, and how a run of each is made: by the code of its edge function. */
import { backfillQueueWorker } from "../supabase/functions/_shared/edge/queues/backfill_queue.ts";
import { batExtractionQueueWorker } from "../supabase/functions/_shared/edge/queues/bat_extraction_queue.ts";
import { extractionMapJobsWorker } from "../supabase/functions/_shared/edge/queues/extraction_map_jobs.ts";
import { imageDownloadsWorker } from "../supabase/functions/_shared/edge/queues/image_downloads.ts";
import { importQueueWorker } from "../supabase/functions/_shared/edge/queues/import_queue.ts";
import { listingChecksWorker } from "../supabase/functions/_shared/edge/queues/listing_checks.ts";
import { microScrapeStateWorker } from "../supabase/functions/_shared/edge/queues/micro_scrape_state.ts";
import { scrapeRetryQueueWorker } from "../supabase/functions/_shared/edge/queues/scrape_retry_queue.ts";
import type { Context, FunctionDefinition } from "../supabase/functions/_shared/edge/serve.ts";

/** A queue and the edge function that works it. */
export interface QueueWorker {
  queue: string;
  function: string;
  /** Makes one run, asked as the database asks for one. @throws what breaks the run */
  run(asked: Record<string, unknown>, context: Context): Promise<unknown>;
}

function works<T>(
  queue: string,
  worker: FunctionDefinition<T>,
  always: Record<string, unknown> = {},
): QueueWorker {
  return {
    queue,
    function: worker.name,
    run: (asked, context) => worker.handle(worker.body.parse({ ...asked, ...always }), context),
  };
}

/** In the order in which they are served when places are few. */
export const QUEUE_WORKERS: readonly QueueWorker[] = [
  works("import_queue", importQueueWorker),
  works("micro_scrape_state", microScrapeStateWorker, { triggered_by: "outside" }),
  works("bat_extraction_queue", batExtractionQueueWorker),
  works("backfill_queue", backfillQueueWorker),
  works("scrape_retry_queue", scrapeRetryQueueWorker),
  works("listing_checks", listingChecksWorker),
  works("image_downloads", imageDownloadsWorker),
  works("extraction_map_jobs", extractionMapJobsWorker),
];
