import { z } from "zod";
import { MAP_JOBS } from "../_shared/database/learning.ts";
import { common } from "../_shared/edge/body.ts";
import { cpuTimeMs } from "../_shared/edge/cpu_time.ts";
import { warn } from "../_shared/edge/log.ts";
import { serve } from "../_shared/edge/serve.ts";
import { WRITING_MS } from "../_shared/edge/tools.ts";
import { runLearning } from "../_shared/workers/learning/run.ts";
import { invokeForMore } from "../_shared/workers/lease/queue.ts";

serve({
  name: "learn-extraction-maps",
  body: z.strictObject({
    max_runtime_ms: common.maxRuntimeMs,
    /** As the database asks every worker: a run takes one job, whatever it says. */
    batch_size: common.batchSize(1, 100),
    dry_run: common.dryRun,
    background: common.background,
  }),
  async handle({ dry_run, max_runtime_ms }, { database, startedAt }) {
    const report = await runLearning(database, {
      dryRun: dry_run,
      deadline: startedAt + max_runtime_ms - WRITING_MS,
      cpuMs: cpuTimeMs,
    }, warn);
    const claimed = report.job === null ? 0 : 1;
    return {
      success: report.error === undefined,
      dry_run,
      ...report,
      more_due: dry_run ? null : await invokeForMore(database, MAP_JOBS, claimed),
      runtime_ms: Date.now() - startedAt,
    };
  },
});
