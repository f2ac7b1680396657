import { retryImageBackfill, retryRequest } from "../_shared/actions/images/retry.ts";
import { common } from "../_shared/runtime/body.ts";
import { serve } from "../_shared/runtime/serve.ts";
import { withTools } from "../_shared/runtime/tools.ts";
import { requireVehicles } from "../_shared/runtime/vehicles.ts";

serve({
  name: "retry-image-backfill",
  body: retryRequest.extend({
    max_runtime_ms: common.maxRuntimeMs,
    background: common.background,
  }),
  async handle({ max_runtime_ms, background: _, ...request }, context) {
    if (request.vehicle_ids) await requireVehicles(context.store, request.vehicle_ids, false);
    const retried = await withTools(
      context,
      max_runtime_ms,
      ({ images }) => retryImageBackfill(request, images),
    );
    return { success: true, ...retried, runtime_ms: Date.now() - context.startedAt };
  },
});
