import { z } from "zod";
import { importCounts, runImports } from "../_shared/actions/import/queue.ts";
import { common } from "../_shared/runtime/body.ts";
import { explain, log } from "../_shared/runtime/log.ts";
import { serve } from "../_shared/runtime/serve.ts";
import { withFetcher, WRITING_MS } from "../_shared/runtime/tools.ts";
import { IMPORT_QUEUE } from "../_shared/store/import_queue.ts";
import { ringQueueIfDue } from "../_shared/store/queue.ts";

serve({
  name: "process-import-queue",
  body: z.strictObject({
    batch_size: common.batchSize(20, 100),
    max_runtime_ms: common.maxRuntimeMs,
    dry_run: common.dryRun,
    background: common.background,
  }),
  async handle(body, context) {
    const { store, startedAt } = context;
    const deadline = startedAt + body.max_runtime_ms - WRITING_MS;
    const { results, released } = await withFetcher(
      context,
      body.max_runtime_ms,
      (fetcher) =>
        runImports(
          store,
          { batchSize: body.batch_size, dryRun: body.dry_run },
          { fetcher, deadline },
          (what, error) => log("warn", `${what}: ${explain(error)}`),
        ),
    );
    return {
      success: true,
      dry_run: body.dry_run,
      processed: results.length,
      ...importCounts(results),
      more_due: body.dry_run ? null : await ringQueueIfDue(store, IMPORT_QUEUE.name),
      runtime_ms: Date.now() - startedAt,
      results,
      released,
    };
  },
});
