import { common } from "../_shared/edge/body.ts";
import { log } from "../_shared/edge/log.ts";
import { serve } from "../_shared/edge/serve.ts";
import { withTools } from "../_shared/edge/tools.ts";
import { requireVehicles } from "../_shared/edge/vehicles.ts";
import { retryImageBackfill, retryRequest } from "../_shared/workers/images/retry.ts";

serve({
  name: "retry-image-backfill",
  body: retryRequest.extend({
    max_runtime_ms: common.maxRuntimeMs,
    background: common.background,
  }),
  async handle({ max_runtime_ms, background, ...request }, context) {
    if (request.vehicle_ids) await requireVehicles(context.database, request.vehicle_ids, false);
    const retried = await withTools(
      context,
      max_runtime_ms,
      ({ images }) => retryImageBackfill(request, images, background),
    );
    for (const error of retried.errors) log("warn", error);
    return { success: true, ...retried, runtime_ms: Date.now() - context.startedAt };
  },
});
