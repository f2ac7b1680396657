import { z } from "zod";
import { FILL_STEPS, previewFillCycle } from "../_shared/database/filling.ts";
import { common } from "../_shared/edge/body.ts";
import { log, warn } from "../_shared/edge/log.ts";
import { type Context, serve } from "../_shared/edge/serve.ts";
import { withFetcher } from "../_shared/edge/tools.ts";
import { LONGEST_STEP_MS, runFillAgent } from "../_shared/workers/filling/run.ts";
import type { FillTools } from "../_shared/workers/filling/steps.ts";
import { discoverSources } from "../_shared/workers/sources/discover.ts";

function toolsOf(context: Context): FillTools {
  const { database } = context;
  return {
    database,
    discover: (request) => {
      const startedAt = Date.now();
      return withFetcher(
        { ...context, startedAt },
        request.deadline - startedAt,
        async (fetcher) => ({
          ...await discoverSources(database, fetcher, { ...request, dryRun: false }),
        }),
      );
    },
  };
}

serve({
  name: "database-fill-agent",
  body: z.strictObject({
    /** Says what would be decided; writes nothing and asks no site. */
    dry_run: common.dryRun,
    /** Only when this is the cycle whose steps are due. */
    cycle_id: z.string().min(1).max(100).optional(),
    /** Only these, at once and again, one after the other; the last one keeps its time. */
    steps: z.array(z.enum(FILL_STEPS)).min(1).max(FILL_STEPS.length).optional(),
    /** A step is given 20 s at most; with more, the next ones are done too. */
    max_runtime_ms: z.int().min(1_000).max(120_000).default(LONGEST_STEP_MS),
    background: common.background,
    triggered_by: z.string().min(1).max(50).default("manual"),
  }),
  async handle(body, context) {
    const { database, startedAt } = context;
    const runtime = () => ({ runtime_ms: Date.now() - startedAt });
    if (body.dry_run) {
      const preview = await previewFillCycle(database, body.steps);
      return { success: true, dry_run: true, ...preview, ...runtime() };
    }
    const { idle, ...report } = await runFillAgent(
      toolsOf(context),
      { triggeredBy: body.triggered_by, cycleId: body.cycle_id, steps: body.steps },
      startedAt + body.max_runtime_ms,
      warn,
    );
    for (const { step, error, attempt } of report.steps) {
      if (error === null) continue;
      const about = { cycle_id: report.cycle_id, step, attempt };
      log("warn", `step ${step} failed: ${error}`, about);
    }
    const { claimed: _, cycle_id: __, ...nothing } = idle ?? { claimed: false, cycle_id: null };
    return {
      success: report.steps.every(({ error }) => error === null),
      dry_run: false,
      skipped: report.steps.length === 0,
      ...report,
      ...(report.steps.length === 0 ? nothing : {}),
      ...runtime(),
    };
  },
});
