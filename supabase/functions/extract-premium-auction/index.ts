import { syncSources } from "../_shared/database/sources.ts";
import { wasRead } from "../_shared/domain/outcome.ts";
import { batListingChoice, chosenBatVehicles } from "../_shared/edge/listings.ts";
import { serve } from "../_shared/edge/serve.ts";
import { sourceRows, withFetcher } from "../_shared/edge/tools.ts";
import { stepOnListing, stepOnVehicles } from "../_shared/workers/bat_repair/run_step.ts";
import { core } from "../_shared/workers/scrape/item.ts";

serve({
  name: "extract-premium-auction",
  body: batListingChoice,
  async handle(body, context) {
    const { database, startedAt } = context;
    const vehicles = await chosenBatVehicles(database, body);
    const { url, dry_run: dryRun } = body;
    if (!dryRun) await syncSources(database, sourceRows());
    const results = await withFetcher(context, body.max_runtime_ms, async (fetcher) => {
      const asked = { fetcher, action: core, dryRun };
      return url === undefined
        ? await stepOnVehicles(database, vehicles, asked)
        : [await stepOnListing(database, url, asked)];
    });
    return {
      success: results.every(({ outcome }) => wasRead(outcome)),
      dry_run: dryRun,
      results,
      runtime_ms: Date.now() - startedAt,
    };
  },
});
