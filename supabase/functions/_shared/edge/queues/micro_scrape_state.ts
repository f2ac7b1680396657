import { z } from "zod";
import { syncSources } from "../../database/sources.ts";
import { common } from "../body.ts";
import { warn } from "../log.ts";
import { edgeFunction } from "../serve.ts";
import { sourceRows, withTools } from "../tools.ts";
import { requireVehicles } from "../vehicles.ts";
import { previewRun, runMicroScrape } from "../../workers/micro_scrape/run.ts";

/** Works `micro_scrape_state`: what `micro-scrape-bandaid` takes and does. */
export const microScrapeStateWorker = edgeFunction({
  name: "micro-scrape-bandaid",
  body: z.strictObject({
    vehicle_ids: common.vehicleIds.optional(),
    batch_size: common.batchSize(20, 100),
    max_runtime_ms: common.maxRuntimeMs,
    dry_run: common.dryRun,
    background: common.background,
    triggered_by: z.string().max(50).default("manual"),
  }),
  async handle(body, context) {
    const { database, startedAt } = context;
    if (body.vehicle_ids) await requireVehicles(database, body.vehicle_ids);
    const request = {
      vehicleIds: body.vehicle_ids,
      batchSize: body.batch_size,
      triggeredBy: body.triggered_by,
      // A run of cron's leaves no backlog waiting for the next five minutes.
      invokesNext: body.triggered_by !== "manual",
    };

    let report;
    if (body.dry_run) {
      report = await previewRun(database, request);
    } else {
      await syncSources(database, sourceRows());
      report = await withTools(
        context,
        body.max_runtime_ms,
        (tools) => runMicroScrape(database, request, tools, startedAt, warn),
      );
    }

    return {
      success: true,
      dry_run: body.dry_run,
      run_id: report.run_id,
      analyzed: report.counts.vehicles_analyzed,
      improved: report.counts.vehicles_improved,
      marked_complete: report.counts.vehicles_marked_complete,
      exhausted: report.counts.vehicles_exhausted,
      actions_executed: report.counts.actions_executed,
      actions_succeeded: report.counts.actions_succeeded,
      actions_failed: report.counts.actions_failed,
      runtime_ms: Date.now() - startedAt,
      gaps_found: report.gaps_found,
      not_started: report.not_started,
      problems: report.problems,
    };
  },
});
