import { z } from "zod";
import { IMPORT_QUEUE } from "../../database/import_queue.ts";
import { common } from "../body.ts";
import { warn } from "../log.ts";
import { edgeFunction } from "../serve.ts";
import { withFetcher, WRITING_MS } from "../tools.ts";
import { importCounts, runImports } from "../../workers/import/queue.ts";
import { invokeForMore } from "../../workers/lease/queue.ts";

/** Works `import_queue`: what `process-import-queue` takes and does. */
export const importQueueWorker = edgeFunction({
  name: "process-import-queue",
  body: z.strictObject({
    batch_size: common.batchSize(20, 100),
    max_runtime_ms: common.maxRuntimeMs,
    dry_run: common.dryRun,
    background: common.background,
  }),
  async handle(body, context) {
    const { database, startedAt } = context;
    const deadline = startedAt + body.max_runtime_ms - WRITING_MS;
    const { results, released } = await withFetcher(
      context,
      body.max_runtime_ms,
      (fetcher) =>
        runImports(
          database,
          { batchSize: body.batch_size, dryRun: body.dry_run },
          { fetcher, deadline },
          warn,
        ),
      // Invoked by the database it reads what was found, under the budget of each host.
      body.background ? "new_page" : "page",
    );
    const claimed = results.length + released.length;
    return {
      success: true,
      dry_run: body.dry_run,
      processed: results.length,
      ...importCounts(results),
      more_due: body.dry_run ? null : await invokeForMore(database, IMPORT_QUEUE, claimed),
      runtime_ms: Date.now() - startedAt,
      results,
      released,
    };
  },
});
