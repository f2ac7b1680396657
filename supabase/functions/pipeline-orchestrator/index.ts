import { z } from "zod";
import { syncFeeds } from "../_shared/database/feeds.ts";
import { syncSources } from "../_shared/database/sources.ts";
import { common } from "../_shared/edge/body.ts";
import { callFunction } from "../_shared/edge/call_function.ts";
import { log, warn } from "../_shared/edge/log.ts";
import { type Context, serve } from "../_shared/edge/serve.ts";
import { sourceRows, withFetcher } from "../_shared/edge/tools.ts";
import { feeds } from "../_shared/sources/registry.ts";
import { discover } from "../_shared/workers/discovery/discover.ts";
import { previewPipeline, runPipeline } from "../_shared/workers/pipeline/run.ts";
import { type StepName, STEPS } from "../_shared/workers/pipeline/step.ts";
import type { PipelineTools } from "../_shared/workers/pipeline/steps.ts";

function toolsOf(context: Context): PipelineTools {
  const { database } = context;
  return {
    database,
    call: callFunction(context.env),
    async discover(limit, ms) {
      await syncSources(database, sourceRows());
      await syncFeeds(database, feeds);
      const request = { batchSize: limit, morePages: 0, dryRun: false };
      return await withFetcher(
        { ...context, startedAt: Date.now() },
        ms,
        (fetcher) => discover(database, fetcher, request, warn),
      );
    },
  };
}

serve({
  name: "pipeline-orchestrator",
  body: z.strictObject({
    backfill_batch_size: z.int().min(0).max(1000).default(20),
    backfill_priority: z.int().min(0).max(100).default(75),
    /** Feeds that are checked, at most. */
    feed_batch_size: common.batchSize(20, 100),
    /** Only these, by number: 0 auto-queue, 1 leases, 2 discovery, 3 queues, 4 metrics. */
    steps: z.array(z.int().min(0).max(STEPS.length - 1)).min(1).max(STEPS.length).optional(),
    max_runtime_ms: common.maxRuntimeMs,
    dry_run: common.dryRun,
    background: common.background,
    triggered_by: z.string().min(1).max(50).default("manual"),
  }),
  async handle(body, context) {
    const deadline = context.startedAt + body.max_runtime_ms;
    const request = {
      backfillBatchSize: body.backfill_batch_size,
      backfillPriority: body.backfill_priority,
      feedBatchSize: body.feed_batch_size,
      steps: STEPS.filter((_: StepName, step) => body.steps?.includes(step) ?? true),
      dryRun: body.dry_run,
    };
    const tools = toolsOf(context);
    const report = body.dry_run
      ? await previewPipeline(tools, request, deadline)
      : await runPipeline(tools, request, body.triggered_by, deadline, warn);
    const runtime = { runtime_ms: Date.now() - context.startedAt };
    if ("other" in report) {
      const { other } = report;
      const { run_id, running_since, triggered_by, lease_expires_at } = other;
      return {
        success: true,
        skipped: true,
        why: "a run is under way; there is never a second one beside it",
        ...{ run_id, running_since, triggered_by, lease_expires_at },
        ...runtime,
      };
    }
    for (const { name, status, error, hint } of report.steps) {
      if (status !== "failed") continue;
      log("warn", `step ${name} failed: ${error}`, { run_id: report.run_id, step: name, hint });
    }
    return {
      success: report.status === "completed" && !report.taken_over,
      dry_run: body.dry_run,
      skipped: false,
      ...report,
      ...runtime,
    };
  },
});
