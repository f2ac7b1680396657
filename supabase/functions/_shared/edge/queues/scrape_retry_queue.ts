import { z } from "zod";
import { RETRY_QUEUE } from "../../database/retries.ts";
import { STEP_NAMES } from "../../domain/step.ts";
import { common } from "../body.ts";
import { warn } from "../log.ts";
import { edgeFunction } from "../serve.ts";
import { withTools, WRITING_MS } from "../tools.ts";
import { requireVehicles } from "../vehicles.ts";
import { snapshotReader } from "../../workers/backfill/read_snapshot.ts";
import { invokeForMore, rowCounts } from "../../workers/lease/queue.ts";
import { runRetries } from "../../workers/retry/run.ts";

/** Works `scrape_retry_queue`: what `retry-failed-steps` takes and does. */
export const scrapeRetryQueueWorker = edgeFunction({
  name: "retry-failed-steps",
  body: z.strictObject({
    vehicle_ids: common.vehicleIds.optional(),
    /** Only these steps. */
    step_names: z.array(z.enum(STEP_NAMES)).min(1).max(STEP_NAMES.length).optional(),
    batch_size: common.batchSize(20, 100),
    max_runtime_ms: common.maxRuntimeMs,
    dry_run: common.dryRun,
    background: common.background,
  }),
  async handle(body, context) {
    const { database, startedAt } = context;
    if (body.vehicle_ids) await requireVehicles(database, body.vehicle_ids, false);
    const deadline = startedAt + body.max_runtime_ms - WRITING_MS;
    const { results, released } = await withTools(
      context,
      body.max_runtime_ms,
      (tools) =>
        runRetries(
          database,
          {
            batchSize: body.batch_size,
            vehicleIds: body.vehicle_ids,
            stepNames: body.step_names,
            dryRun: body.dry_run,
          },
          { ...tools, snapshots: snapshotReader(database, tools.fetcher.lookup), deadline },
          warn,
        ),
    );
    const chosen = body.vehicle_ids !== undefined || body.step_names !== undefined;
    const claimed = results.length + released.length;
    const due = body.dry_run || chosen ? null : await invokeForMore(database, RETRY_QUEUE, claimed);

    return {
      success: true,
      dry_run: body.dry_run,
      ...rowCounts(results),
      from_snapshots: results.filter(({ from }) => from === "snapshot").length,
      more_due: due,
      runtime_ms: Date.now() - startedAt,
      results,
      released,
    };
  },
});
