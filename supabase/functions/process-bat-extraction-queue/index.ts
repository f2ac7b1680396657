import { z } from "zod";
import { BAT_QUEUE } from "../_shared/database/bat_queue.ts";
import { syncSources } from "../_shared/database/sources.ts";
import { withAliases } from "../_shared/edge/aliases.ts";
import { common } from "../_shared/edge/body.ts";
import { batVehicles } from "../_shared/edge/listings.ts";
import { warn } from "../_shared/edge/log.ts";
import { serve } from "../_shared/edge/serve.ts";
import { sourceRows, withFetcher } from "../_shared/edge/tools.ts";
import { batCounts } from "../_shared/workers/bat_repair/result.ts";
import { runBatQueue } from "../_shared/workers/bat_repair/run.ts";
import { invokeForMore } from "../_shared/workers/lease/queue.ts";

const body = z.strictObject({
  vehicle_ids: common.vehicleIds.optional(),
  batch_size: common.batchSize(20, 100),
  /** Only rows that were tried fewer times; by itself the limit of each row. */
  max_attempts: z.int().min(1).max(20).optional(),
  max_runtime_ms: common.maxRuntimeMs,
  dry_run: common.dryRun,
  background: common.background,
});

serve({
  name: "process-bat-extraction-queue",
  body: withAliases(body, { batchSize: "batch_size", maxAttempts: "max_attempts" }),
  async handle(body, context) {
    const { database, startedAt } = context;
    const vehicles = body.vehicle_ids &&
      await batVehicles(database, body.vehicle_ids, "vehicle_ids");
    if (!body.dry_run) await syncSources(database, sourceRows());

    const { results, released } = await withFetcher(
      context,
      body.max_runtime_ms,
      (fetcher) =>
        runBatQueue(
          database,
          {
            vehicles,
            batchSize: body.batch_size,
            maxAttempts: body.max_attempts,
            dryRun: body.dry_run,
          },
          fetcher,
          warn,
        ),
    );
    const silent = body.dry_run || vehicles !== undefined;
    const claimed = results.length + released.length;

    return {
      success: true,
      dry_run: body.dry_run,
      ...batCounts(results),
      more_due: silent ? null : await invokeForMore(database, BAT_QUEUE, claimed),
      runtime_ms: Date.now() - startedAt,
      results,
      released,
    };
  },
});
