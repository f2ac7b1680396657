import { z } from "zod";
import { LISTING_CHECKS } from "../_shared/database/listing_checks.ts";
import { syncSources } from "../_shared/database/sources.ts";
import { common } from "../_shared/edge/body.ts";
import { namedChecks } from "../_shared/edge/listing_checks.ts";
import { warn } from "../_shared/edge/log.ts";
import { serve } from "../_shared/edge/serve.ts";
import { sourceRows, withFetcher, WRITING_MS } from "../_shared/edge/tools.ts";
import { lookCounts } from "../_shared/workers/checks/result.ts";
import { runChecks } from "../_shared/workers/checks/run.ts";
import { invokeForMore } from "../_shared/workers/lease/queue.ts";

serve({
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
