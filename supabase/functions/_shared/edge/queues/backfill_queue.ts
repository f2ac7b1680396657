import { z } from "zod";
import { BACKFILL_QUEUE } from "../../database/backfill.ts";
import { syncSources } from "../../database/sources.ts";
import { common } from "../body.ts";
import { log, warn } from "../log.ts";
import { edgeFunction } from "../serve.ts";
import { sourceRows, withFetcher, WRITING_MS } from "../tools.ts";
import { requireVehicles } from "../vehicles.ts";
import { snapshotReader } from "../../workers/backfill/read_snapshot.ts";
import { runBackfill } from "../../workers/backfill/run.ts";
import { warnOfScrapersAhead } from "../../workers/backfill/warn.ts";
import { invokeForMore, rowCounts } from "../../workers/lease/queue.ts";

/** Works `backfill_queue`: what `process-backfill-queue` takes and does. */
export const backfillQueueWorker = edgeFunction({
  name: "process-backfill-queue",
  body: z.strictObject({
    vehicle_ids: common.vehicleIds.optional(),
    batch_size: common.batchSize(50, 100),
    max_runtime_ms: common.maxRuntimeMs,
    dry_run: common.dryRun,
    background: common.background,
    /** Read from snapshots whatever the reason, or never; by itself it depends on the reason. */
    use_snapshots: z.boolean().optional(),
    /** Do nothing but tell the database which scrapers are deployed. */
    sync_only: z.boolean().default(false),
  }),
  async handle(body, context) {
    const { database, startedAt } = context;
    if (body.vehicle_ids) await requireVehicles(database, body.vehicle_ids);
    if (!body.dry_run) {
      const ahead = await syncSources(database, sourceRows());
      warnOfScrapersAhead(ahead, (message, fields) => log("warn", message, fields));
    }
    if (body.sync_only) return { success: true, scrapers: sourceRows() };

    const report = await withFetcher(context, body.max_runtime_ms, (fetcher) =>
      runBackfill(
        database,
        { vehicleIds: body.vehicle_ids, batchSize: body.batch_size, dryRun: body.dry_run },
        {
          fetcher,
          snapshots: snapshotReader(database, fetcher.lookup),
          useSnapshots: body.use_snapshots,
          keepSnapshot: !body.dry_run,
          deadline: startedAt + body.max_runtime_ms - WRITING_MS,
        },
        warn,
      ));
    const { results, released, fields } = report;
    const named = body.vehicle_ids !== undefined;
    const claimed = results.length + released.length;
    const due = body.dry_run || named
      ? null
      : await invokeForMore(database, BACKFILL_QUEUE, claimed);

    return {
      success: true,
      dry_run: body.dry_run,
      ...rowCounts(results),
      changed: results.filter((one) => one.fields_updated.length > 0).length,
      from_snapshots: results.filter(({ from }) => from === "snapshot").length,
      fields,
      more_due: due,
      runtime_ms: Date.now() - startedAt,
      results,
      released,
    };
  },
});
