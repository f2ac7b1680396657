import { wasRead } from "../_shared/domain/outcome.ts";
import { serve } from "../_shared/edge/serve.ts";
import { withFetcher } from "../_shared/edge/tools.ts";
import {
  chosenVehicles,
  requireHost,
  requireListings,
  vehicleChoice,
} from "../_shared/edge/vehicles.ts";
import { everything } from "../_shared/workers/scrape/item.ts";
import { scrapeVehicles } from "../_shared/workers/scrape/vehicles.ts";

serve({
  name: "comprehensive-bat-extraction",
  body: vehicleChoice,
  async handle(body, context) {
    const { database, startedAt } = context;
    const vehicles = requireListings(await chosenVehicles(database, body));
    requireHost(vehicles, "bringatrailer.com");
    const results = await withFetcher(
      context,
      body.max_runtime_ms,
      (fetcher) =>
        scrapeVehicles(database, vehicles, { fetcher, action: everything, dryRun: body.dry_run }),
    );
    return {
      success: results.every(({ outcome }) => wasRead(outcome)),
      dry_run: body.dry_run,
      results,
      runtime_ms: Date.now() - startedAt,
    };
  },
});
