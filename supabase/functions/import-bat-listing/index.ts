import { z } from "zod";
import { wasRead } from "../_shared/domain/outcome.ts";
import { common } from "../_shared/edge/body.ts";
import { warn } from "../_shared/edge/log.ts";
import { serve } from "../_shared/edge/serve.ts";
import { withTools, WRITING_MS } from "../_shared/edge/tools.ts";
import { importDirectly } from "../_shared/workers/import/direct.ts";
import { readListingUrl } from "../_shared/sources/bringatrailer/listing_url.ts";

/** A listing's address in any spelling; gives the one that is asked for. */
const listing = z.string().max(2000).transform((text, context) => {
  const read = readListingUrl(text);
  if ("url" in read) return read.url;
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)}: ${read.why}` });
  return z.NEVER;
});

serve({
  name: "import-bat-listing",
  body: z.strictObject({
    url: listing.optional(),
    urls: z.array(listing).min(1).max(20).optional(),
    /** Download what fits the time; the rest, or with false all, is left to the image queue. */
    download_images: z.boolean().default(true),
    max_runtime_ms: common.maxRuntimeMs,
    dry_run: common.dryRun,
  }).refine((body) => (body.url === undefined) !== (body.urls === undefined), {
    message: "give either url or urls",
    path: ["url"],
  }),
  async handle(body, context) {
    const { database, startedAt } = context;
    const asked = body.urls ?? (body.url === undefined ? [] : [body.url]);
    const deadline = startedAt + body.max_runtime_ms - WRITING_MS;
    const imported = await withTools(
      context,
      body.max_runtime_ms,
      ({ fetcher, images }) =>
        importDirectly(
          [...new Set(asked)],
          { database, fetcher, images, deadline, warn },
          { dryRun: body.dry_run, downloadImages: body.download_images },
        ),
    );
    const results = asked.flatMap((url) => imported.find((one) => one.url === url) ?? []);
    return {
      success: results.every(({ outcome }) => wasRead(outcome)),
      dry_run: body.dry_run,
      ...(body.urls === undefined ? results[0] : { results }),
      runtime_ms: Date.now() - startedAt,
    };
  },
});
