import { common } from "../_shared/edge/body.ts";
import { log } from "../_shared/edge/log.ts";
import { serve } from "../_shared/edge/serve.ts";
import { withTools } from "../_shared/edge/tools.ts";
import { backfillImages, backfillRequest } from "../_shared/workers/images/backfill.ts";

serve({
  name: "backfill-images",
  body: backfillRequest.extend({
    max_runtime_ms: common.maxRuntimeMs,
    background: common.background,
  }),
  async handle({ max_runtime_ms, background, ...request }, context) {
    const drained = await withTools(
      context,
      max_runtime_ms,
      ({ images }) => backfillImages(request, images, background),
    );
    for (const error of drained.errors) log("warn", error);
    return { success: true, ...drained, runtime_ms: Date.now() - context.startedAt };
  },
});
