import { wasRead } from "../_shared/domain/outcome.ts";
import { serve } from "../_shared/edge/serve.ts";
import { withFetcher } from "../_shared/edge/tools.ts";
import { chosenVehicles, requireListings, vehicleChoice } from "../_shared/edge/vehicles.ts";
import { imageUrls } from "../_shared/workers/scrape/item.ts";
import { scrapeVehicles } from "../_shared/workers/scrape/vehicles.ts";

serve({
  name: "extract-images",
  body: vehicleChoice,
  async handle(body, context) {
    const { database, startedAt } = context;
    const vehicles = requireListings(await chosenVehicles(database, body));
    const results = await withFetcher(
      context,
      body.max_runtime_ms,
      (fetcher) =>
        scrapeVehicles(database, vehicles, { fetcher, action: imageUrls, dryRun: body.dry_run }),
    );
    return {
      success: results.every(({ outcome }) => wasRead(outcome)),
      dry_run: body.dry_run,
      results,
      runtime_ms: Date.now() - startedAt,
    };
  },
});
