import { z } from "zod";
import { MAP_JOBS } from "../../database/learning.ts";
import { common } from "../body.ts";
import { warn } from "../log.ts";
import { edgeFunction } from "../serve.ts";
import { WRITING_MS } from "../tools.ts";
import { runLearning } from "../../workers/learning/run.ts";
import { invokeForMore } from "../../workers/lease/queue.ts";

/** Works `extraction_map_jobs`: what `learn-extraction-maps` takes and does. */
export const extractionMapJobsWorker = edgeFunction({
  name: "learn-extraction-maps",
  body: z.strictObject({
    max_runtime_ms: common.maxRuntimeMs,
    /** As the database asks every worker: a run takes one job, whatever it says. */
    batch_size: common.batchSize(1, 100),
    dry_run: common.dryRun,
    background: common.background,
  }),
  async handle({ dry_run, max_runtime_ms }, { database, startedAt, cpuMs }) {
    const report = await runLearning(database, {
      dryRun: dry_run,
      deadline: startedAt + max_runtime_ms - WRITING_MS,
      cpuMs,
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
