import { z } from "zod";
import { LISTING_CHECKS } from "../../database/listing_checks.ts";
import { syncSources } from "../../database/sources.ts";
import { common } from "../body.ts";
import { namedChecks } from "../listing_checks.ts";
import { warn } from "../log.ts";
import { edgeFunction } from "../serve.ts";
import { sourceRows, withFetcher, WRITING_MS } from "../tools.ts";
import { lookCounts } from "../../workers/checks/result.ts";
import { runChecks } from "../../workers/checks/run.ts";
import { invokeForMore } from "../../workers/lease/queue.ts";

/** Works `listing_checks`: what `check-listings` takes and does. */
export const listingChecksWorker = edgeFunction({
  name: "check-listings",
  body: z.strictObject({
    /** Only these, due or not; ids of `vehicle_listings`. */
    listing_ids: z.array(z.int().positive()).min(1).max(100).optional(),
    /** Only the listings of these vehicles, due or not. */
    vehicle_ids: common.vehicleIds.optional(),
    batch_size: common.batchSize(20, 100),
    max_runtime_ms: common.maxRuntimeMs,
    dry_run: common.dryRun,
    background: common.background,
  }),
  async handle(body, context) {
    const { database, startedAt } = context;
    const named = await namedChecks(database, body);
    if (!body.dry_run) await syncSources(database, sourceRows());

    const { results, released } = await withFetcher(
      context,
      body.max_runtime_ms,
      (fetcher) =>
        runChecks(
          database,
          {
            named,
            batchSize: body.batch_size,
            deadline: startedAt + body.max_runtime_ms - WRITING_MS,
            dryRun: body.dry_run,
          },
          fetcher,
          warn,
        ),
    );
    const silent = body.dry_run || named !== undefined;
    const claimed = results.length + released.length;
    return {
      success: true,
      dry_run: body.dry_run,
      ...lookCounts(results),
      more_due: silent ? null : await invokeForMore(database, LISTING_CHECKS, claimed),
      runtime_ms: Date.now() - startedAt,
      results,
      released,
    };
  },
});
