import { z } from "zod";
import { batCounts } from "../_shared/actions/bat/result.ts";
import { runBatQueue } from "../_shared/actions/bat/run.ts";
import { ringForMore } from "../_shared/actions/queue/queue.ts";
import { withAliases } from "../_shared/runtime/aliases.ts";
import { common } from "../_shared/runtime/body.ts";
import { warn } from "../_shared/runtime/log.ts";
import { serve } from "../_shared/runtime/serve.ts";
import { sourceRows, withFetcher } from "../_shared/runtime/tools.ts";
import { batVehicles } from "../_shared/runtime/listings.ts";
import { BAT_QUEUE } from "../_shared/store/bat_queue.ts";
import { syncSources } from "../_shared/store/sources.ts";

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
    const { store, startedAt } = context;
    const vehicles = body.vehicle_ids && await batVehicles(store, body.vehicle_ids, "vehicle_ids");
    if (!body.dry_run) await syncSources(store, sourceRows());

    const { results, released } = await withFetcher(
      context,
      body.max_runtime_ms,
      (fetcher) =>
        runBatQueue(
          store,
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
    const taken = results.length + released.length;

    return {
      success: true,
      dry_run: body.dry_run,
      ...batCounts(results),
      more_due: silent ? null : await ringForMore(store, BAT_QUEUE.name, taken),
      runtime_ms: Date.now() - startedAt,
      results,
      released,
    };
  },
});
