import { z } from "zod";
import { syncSources } from "../_shared/database/sources.ts";
import { common } from "../_shared/edge/body.ts";
import { serve } from "../_shared/edge/serve.ts";
import { sourceRows, withFetcher, WRITING_MS } from "../_shared/edge/tools.ts";
import { discoverSources } from "../_shared/workers/sources/discover.ts";

serve({
  name: "discover-sources",
  body: z.strictObject({
    /** Sources that are probed, at most. */
    limit: z.int().min(0).max(100).default(5),
    max_runtime_ms: common.maxRuntimeMs,
    dry_run: common.dryRun,
    background: common.background,
  }),
  async handle({ limit, max_runtime_ms, dry_run: dryRun }, context) {
    const { database, startedAt } = context;
    if (!dryRun) await syncSources(database, sourceRows());
    const deadline = startedAt + max_runtime_ms - WRITING_MS;
    const found = await withFetcher(
      context,
      max_runtime_ms,
      (fetcher) =>
        discoverSources(database, fetcher, {
          ...{ cycleId: null, limit, deadline, dryRun },
          gather: true,
        }),
    );
    return { success: true, dry_run: dryRun, ...found, runtime_ms: Date.now() - startedAt };
  },
});
