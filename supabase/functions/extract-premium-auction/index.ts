import { stepOnListing, stepOnVehicles } from "../_shared/actions/bat/run_step.ts";
import { core } from "../_shared/actions/bat/steps.ts";
import { wasRead } from "../_shared/domain/outcome.ts";
import { batListingChoice, chosenBatVehicles } from "../_shared/runtime/listings.ts";
import { serve } from "../_shared/runtime/serve.ts";
import { sourceRows, withFetcher } from "../_shared/runtime/tools.ts";
import { syncSources } from "../_shared/store/sources.ts";

serve({
  name: "extract-premium-auction",
  body: batListingChoice,
  async handle(body, context) {
    const { store, startedAt } = context;
    const vehicles = await chosenBatVehicles(store, body);
    const { url, dry_run: dryRun } = body;
    if (!dryRun) await syncSources(store, sourceRows());
    const results = await withFetcher(context, body.max_runtime_ms, async (fetcher) => {
      const asked = { fetcher, pick: core, dryRun };
      return url === undefined
        ? await stepOnVehicles(store, vehicles, asked)
        : [await stepOnListing(store, url, asked)];
    });
    return {
      success: results.every(({ outcome }) => wasRead(outcome)),
      dry_run: dryRun,
      results,
      runtime_ms: Date.now() - startedAt,
    };
  },
});
