import { z } from "zod";
import { uuid } from "../_shared/domain/uuid.ts";
import { BadRequest, common } from "../_shared/edge/body.ts";
import { serve } from "../_shared/edge/serve.ts";
import { sourceRows, WRITING_MS } from "../_shared/edge/tools.ts";
import { pageLookup } from "../_shared/fetching/page_lookup.ts";
import { snapshotReader } from "../_shared/workers/backfill/read_snapshot.ts";
import { replay } from "../_shared/workers/replay/run.ts";

const scrapers = () => [...new Set(sourceRows().map((source) => source.scraper_name))];

serve({
  name: "replay-snapshots",
  body: z.strictObject({
    scraper: z.string().max(100),
    /** Where to go on: `next` of the answer before. */
    after: z.strictObject({ host: z.string().max(255), after: uuid }).nullish(),
    batch_size: common.batchSize(50, 100),
    max_runtime_ms: common.maxRuntimeMs,
  }),
  async handle(body, context) {
    const { database, startedAt } = context;
    const version = sourceRows().find((one) => one.scraper_name === body.scraper)?.scraper_version;
    if (version === undefined) {
      throw new BadRequest(`unknown scraper: "${body.scraper}"`, [{
        path: "scraper",
        message: `unknown scraper: "${body.scraper}"; known are ${scrapers().sort().join(", ")}`,
      }]);
    }
    const report = await replay(database, snapshotReader(database, pageLookup(database)), {
      scraper: body.scraper,
      from: body.after ?? { host: "", after: null },
      limit: body.batch_size,
      deadline: startedAt + body.max_runtime_ms - WRITING_MS,
    });
    return {
      success: true,
      scraper: body.scraper,
      version,
      ...report,
      runtime_ms: Date.now() - startedAt,
    };
  },
});
