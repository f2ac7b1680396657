import { backfillImages, backfillRequest } from "../_shared/actions/images/backfill.ts";
import { common } from "../_shared/runtime/body.ts";
import { serve } from "../_shared/runtime/serve.ts";
import { withTools } from "../_shared/runtime/tools.ts";

serve({
  name: "backfill-images",
  body: backfillRequest.extend({
    max_runtime_ms: common.maxRuntimeMs,
    background: common.background,
  }),
  async handle({ max_runtime_ms, background: _, ...request }, context) {
    const drained = await withTools(
      context,
      max_runtime_ms,
      ({ images }) => backfillImages(request, images),
    );
    return { success: true, ...drained, runtime_ms: Date.now() - context.startedAt };
  },
});
