import { z } from "zod";
import { keptPages } from "../_shared/actions/backfill/read_kept.ts";
import { ringForMore } from "../_shared/actions/queue/queue.ts";
import { runRetries } from "../_shared/actions/retry/run.ts";
import { STEP_NAMES } from "../_shared/actions/retry/steps.ts";
import { common } from "../_shared/runtime/body.ts";
import { explain, log } from "../_shared/runtime/log.ts";
import { serve } from "../_shared/runtime/serve.ts";
import { makeTools, WRITING_MS } from "../_shared/runtime/tools.ts";
import { requireVehicles } from "../_shared/runtime/vehicles.ts";
import { RETRY_QUEUE } from "../_shared/store/retries.ts";

const count = <T>(items: readonly T[], fits: (item: T) => boolean) => items.filter(fits).length;

serve({
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
    const { store, startedAt } = context;
    if (body.vehicle_ids) await requireVehicles(store, body.vehicle_ids, false);
    const tools = makeTools(context, startedAt + body.max_runtime_ms);
    let report;
    try {
      report = await runRetries(
        store,
        {
          batchSize: body.batch_size,
          vehicleIds: body.vehicle_ids,
          stepNames: body.step_names,
          dryRun: body.dry_run,
        },
        {
          ...tools,
          kept: keptPages(store),
          deadline: startedAt + body.max_runtime_ms - WRITING_MS,
        },
        (what, error) => log("warn", `${what}: ${explain(error)}`),
      );
    } finally {
      await tools.fetcher.flush();
    }
    const { results, released } = report;
    const chosen = body.vehicle_ids !== undefined || body.step_names !== undefined;
    const taken = results.length + released.length;
    const due = body.dry_run || chosen ? null : await ringForMore(store, RETRY_QUEUE.name, taken);

    return {
      success: true,
      dry_run: body.dry_run,
      processed: results.length,
      completed: count(results, ({ status }) => status === "completed"),
      failed: count(results, ({ status }) => status === "failed"),
      waiting: count(results, ({ status }) => status === "pending"),
      from_snapshots: count(results, ({ from }) => from === "snapshot"),
      more_due: due,
      runtime_ms: Date.now() - startedAt,
      results,
      released,
    };
  },
});
