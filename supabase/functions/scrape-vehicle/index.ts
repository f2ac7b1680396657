import { z } from "zod";
import { wasRead } from "../_shared/domain/outcome.ts";
import { uuid } from "../_shared/domain/uuid.ts";
import { common } from "../_shared/edge/body.ts";
import { serve } from "../_shared/edge/serve.ts";
import { withFetcher } from "../_shared/edge/tools.ts";
import {
  chosenVehicles,
  oneVehicle,
  requireListings,
  vehicleChoice,
} from "../_shared/edge/vehicles.ts";
import { everything } from "../_shared/workers/scrape/item.ts";
import { scrapeUrl } from "../_shared/workers/scrape/scrape_url.ts";
import { scrapeVehicles } from "../_shared/workers/scrape/vehicles.ts";

/** A listing by its address, of any source; with `vehicle_id` it is that vehicle's, and applied. */
const listingChoice = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).max(2000),
  vehicle_id: uuid.optional(),
  max_runtime_ms: common.maxRuntimeMs,
  dry_run: common.dryRun,
});

serve({
  name: "scrape-vehicle",
  // The body that names a URL is recognised by it, so that a mistake is reported of the body that was meant.
  body: z.looseObject({ url: z.unknown().optional() }).transform(
    (body, context) => {
      const parsed = body.url === undefined
        ? vehicleChoice.safeParse(body)
        : listingChoice.safeParse(body);
      if (parsed.success) return parsed.data;
      for (const issue of parsed.error.issues) {
        context.addIssue({
          code: "custom",
          path: issue.path,
          message: issue.message,
        });
      }
      return z.NEVER;
    },
  ),
  async handle(body, context) {
    const { database, startedAt } = context;
    if ("url" in body) {
      if (body.vehicle_id !== undefined) {
        await oneVehicle(database, body.vehicle_id);
      }
      const read = await withFetcher(
        context,
        body.max_runtime_ms,
        (fetcher) =>
          scrapeUrl(
            database,
            fetcher,
            body.url,
            body.vehicle_id ?? null,
            body.dry_run,
          ),
      );
      return {
        success: wasRead(read.outcome),
        dry_run: body.dry_run,
        ...read,
        runtime_ms: Date.now() - startedAt,
      };
    }
    const vehicles = requireListings(await chosenVehicles(database, body));
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
