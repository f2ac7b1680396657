import { common } from "../body.ts";
import { log } from "../log.ts";
import { edgeFunction } from "../serve.ts";
import { withTools } from "../tools.ts";
import { backfillImages, backfillRequest } from "../../workers/images/backfill.ts";

/** Works `image_downloads`: what `backfill-images` takes and does. */
export const imageDownloadsWorker = edgeFunction({
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
