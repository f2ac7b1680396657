import { z } from "zod";
import type { DatabaseClient } from "../_shared/database/client.ts";
import { feedsAt, syncFeeds } from "../_shared/database/feeds.ts";
import { syncSources } from "../_shared/database/sources.ts";
import { uuid } from "../_shared/domain/uuid.ts";
import { BadRequest, common } from "../_shared/edge/body.ts";
import { warn } from "../_shared/edge/log.ts";
import { serve } from "../_shared/edge/serve.ts";
import { sourceRows, withFetcher } from "../_shared/edge/tools.ts";
import { feeds as feedsInCode } from "../_shared/sources/registry.ts";
import { discover } from "../_shared/workers/discovery/discover.ts";
import { totals } from "../_shared/workers/discovery/report.ts";

/** The feeds that a body names, by id and address; undefined: all that are due. */
async function chosenFeeds(
  database: DatabaseClient,
  body: { feeds?: string[]; urls?: string[] },
): Promise<string[] | undefined> {
  if (body.urls === undefined) return body.feeds;
  const found = await feedsAt(database, body.urls);
  const mistakes = body.urls.flatMap((url, index) => {
    const message = `${url}: no feed; make it one: insert into listing_feeds (url) values ('…')`;
    return found[index] === null ? [{ path: `urls.${index}`, message }] : [];
  });
  if (mistakes.length > 0) throw new BadRequest("feeds that are not known: see mistakes", mistakes);
  return [...body.feeds ?? [], ...found.filter((id) => id !== null)];
}

serve({
  name: "discover-listings",
  body: z.strictObject({
    /** Ids of listing_feeds: checked whether they are due or not. */
    feeds: z.array(uuid).min(1).max(100).optional(),
    /** The same, by address. */
    urls: z.array(z.string().min(1).max(2048)).min(1).max(100).optional(),
    batch_size: common.batchSize(20, 100),
    /** Pages of a feed, the first included. */
    max_pages: z.int().min(1).max(5).default(1),
    max_runtime_ms: common.maxRuntimeMs,
    dry_run: common.dryRun,
    background: common.background,
    /** Do nothing but write the feeds that the code knows to listing_feeds. */
    sync_only: z.boolean().default(false),
  }),
  async handle(body, context) {
    const { database, startedAt } = context;
    if (!body.dry_run) {
      await syncSources(database, sourceRows());
      await syncFeeds(database, feedsInCode);
    }
    if (body.sync_only) return { success: true, feeds_in_code: feedsInCode.length };
    const feedIds = await chosenFeeds(database, body);
    const feeds = await withFetcher(context, body.max_runtime_ms, (fetcher) =>
      discover(
        database,
        fetcher,
        {
          feedIds,
          batchSize: Math.max(body.batch_size, feedIds?.length ?? 0),
          morePages: body.max_pages - 1,
          dryRun: body.dry_run,
        },
        warn,
      ));
    return {
      success: true,
      dry_run: body.dry_run,
      ...totals(feeds),
      runtime_ms: Date.now() - startedAt,
      feeds,
    };
  },
});
