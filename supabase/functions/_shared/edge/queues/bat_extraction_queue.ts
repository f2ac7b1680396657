import { z } from "zod";
import { BAT_QUEUE } from "../../database/bat_queue.ts";
import { syncSources } from "../../database/sources.ts";
import { withAliases } from "../aliases.ts";
import { common } from "../body.ts";
import { batVehicles } from "../listings.ts";
import { warn } from "../log.ts";
import { edgeFunction } from "../serve.ts";
import { sourceRows, withFetcher } from "../tools.ts";
import { batCounts } from "../../workers/bat_repair/result.ts";
import { runBatQueue } from "../../workers/bat_repair/run.ts";
import { invokeForMore } from "../../workers/lease/queue.ts";

const body = z.strictObject({
  vehicle_ids: common.vehicleIds.optional(),
  batch_size: common.batchSize(20, 100),
  /** Only rows that were tried fewer times; by itself the limit of each row. */
  max_attempts: z.int().min(1).max(20).optional(),
  max_runtime_ms: common.maxRuntimeMs,
  dry_run: common.dryRun,
  background: common.background,
});

/** Works `bat_extraction_queue`: what `process-bat-extraction-queue` takes and does. */
export const batExtractionQueueWorker = edgeFunction({
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
