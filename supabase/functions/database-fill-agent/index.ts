import { z } from "zod";
import {
  FILL_STEPS,
  type FillStepName,
  newSourcesCeiling,
  previewFillCycle,
} from "../_shared/database/filling.ts";
import { syncSources } from "../_shared/database/sources.ts";
import { common } from "../_shared/edge/body.ts";
import { log, warn } from "../_shared/edge/log.ts";
import { type Context, serve } from "../_shared/edge/serve.ts";
import { sourceRows, withFetcher, WRITING_MS } from "../_shared/edge/tools.ts";
import { LONGEST_STEP_MS, runFillAgent } from "../_shared/workers/filling/run.ts";
import type { FillTools } from "../_shared/workers/filling/steps.ts";
import {
  discoverSources,
  type SourceDiscoveryRequest,
} from "../_shared/workers/sources/discover.ts";

/** Looks for sources until `deadline`, epoch milliseconds; a dry run asks no site and writes nothing. */
async function discover(
  context: Context,
  { deadline, ...request }: SourceDiscoveryRequest,
) {
  const { database } = context;
  if (!request.dryRun) await syncSources(database, sourceRows());
  const startedAt = Date.now();
  const found = await withFetcher(
    { ...context, startedAt },
    deadline - startedAt,
    (fetcher) =>
      discoverSources(database, fetcher, { ...request, deadline: deadline - WRITING_MS }),
  );
  return { ...found };
}

function toolsOf(context: Context): FillTools {
  return {
    database: context.database,
    discover: (request) => discover(context, { ...request, dryRun: false }),
  };
}

/** What would be decided, step by step. */
async function preview(context: Context, steps: FillStepName[] | undefined, deadline: number) {
  const { database } = context;
  const { would, ...stands } = await previewFillCycle(database, steps);
  if (steps !== undefined && !steps.includes("discover_sources")) return { ...stands, would };
  const limit = await newSourcesCeiling(database);
  const found = await discover(context, {
    ...{ cycleId: null, limit, deadline, dryRun: true },
    gather: true,
  });
  return { ...stands, would: { ...would, discover_sources: found } };
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
    const { startedAt } = context;
    const runtime = () => ({ runtime_ms: Date.now() - startedAt });
    if (body.dry_run) {
      const previewed = await preview(context, body.steps, startedAt + body.max_runtime_ms);
      return { success: true, dry_run: true, ...previewed, ...runtime() };
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
