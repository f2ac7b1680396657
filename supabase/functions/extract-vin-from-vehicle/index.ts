import { z } from "zod";
import { wasRead } from "../_shared/domain/outcome.ts";
import { uuid } from "../_shared/domain/uuid.ts";
import { common } from "../_shared/edge/body.ts";
import { serve } from "../_shared/edge/serve.ts";
import { withFetcher } from "../_shared/edge/tools.ts";
import { oneVehicle, requireListings } from "../_shared/edge/vehicles.ts";
import { vinItemFromText } from "../_shared/workers/scrape/extract_vin.ts";
import { vin } from "../_shared/workers/scrape/item.ts";
import { scrapeVehicles, settle } from "../_shared/workers/scrape/vehicles.ts";

serve({
  name: "extract-vin-from-vehicle",
  body: z.strictObject({
    vehicle_id: uuid,
    /**
     * A saved page of the listing, or any text that may hold the VIN; then nothing is fetched. As large
     * as a body may be: of a larger page send the part that names the VIN.
     */
    extra_text: z.string().optional(),
    max_runtime_ms: common.maxRuntimeMs,
    dry_run: common.dryRun,
  }),
  async handle(body, context) {
    const { database, startedAt } = context;
    const vehicle = await oneVehicle(database, body.vehicle_id);
    const [report] = body.extra_text !== undefined
      ? await settle(database, [vinItemFromText(vehicle, body.extra_text)], body.dry_run)
      : await withFetcher(
        context,
        body.max_runtime_ms,
        (fetcher) =>
          scrapeVehicles(database, requireListings([vehicle]), {
            fetcher,
            action: vin,
            dryRun: body.dry_run,
          }),
      );
    const read = report !== undefined && wasRead(report.outcome);
    return {
      success: read,
      dry_run: body.dry_run,
      vin: report?.changes.vin?.new ?? vehicle.held.vin ?? null,
      updated: report?.changes.vin !== undefined,
      ...report,
      runtime_ms: Date.now() - startedAt,
    };
  },
});
