import { findVehicleByListing } from "../_shared/database/listings.ts";
import { syncSources } from "../_shared/database/sources.ts";
import { wasRead } from "../_shared/domain/outcome.ts";
import { BadRequest } from "../_shared/edge/body.ts";
import { batListingChoice, chosenBatVehicles } from "../_shared/edge/listings.ts";
import { serve } from "../_shared/edge/serve.ts";
import { sourceRows, withFetcher } from "../_shared/edge/tools.ts";
import { stepOnVehicles } from "../_shared/workers/bat_repair/run_step.ts";
import { comments } from "../_shared/workers/scrape/item.ts";

serve({
  name: "extract-auction-comments",
  body: batListingChoice,
  async handle(body, context) {
    const { database, startedAt } = context;
    const { url, dry_run: dryRun } = body;
    const vehicles: { id: string; url: string }[] = await chosenBatVehicles(database, body);
    if (url !== undefined) {
      const id = await findVehicleByListing(database, url);
      if (id === null) {
        const message = `no vehicle stands on ${url}: import it with extract-premium-auction first`;
        throw new BadRequest("a listing that is no vehicle's", [{ path: "url", message }], 404);
      }
      vehicles.push({ id, url });
    }
    if (!dryRun) await syncSources(database, sourceRows());
    const results = await withFetcher(
      context,
      body.max_runtime_ms,
      (fetcher) => stepOnVehicles(database, vehicles, { fetcher, action: comments, dryRun }),
    );
    return {
      success: results.every(({ outcome }) => wasRead(outcome)),
      dry_run: dryRun,
      results,
      runtime_ms: Date.now() - startedAt,
    };
  },
});
