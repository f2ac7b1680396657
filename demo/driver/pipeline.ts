import { z } from "zod";
import { callFunction } from "./call.ts";
import type { World } from "./world.ts";

/** Where new listings are named, in the order of the report. */
const FEEDS = [
  "https://bringatrailer.com/auctions/results/",
  "https://bringatrailer.com/auctions/",
  "https://bringatrailer.com/feed/",
];
/** import-bat-listing takes so many at once. */
const ASKED_AT_ONCE = 20;
const MOST_LOOKS = 20;

const discovered = z.object({
  queued: z.int(),
  feeds: z.array(z.object({
    url: z.string(),
    outcome: z.string().nullable(),
    error: z.string().nullable(),
    found: z.int(),
    queued: z.int(),
    known: z.int(),
    skipped: z.int(),
  })),
});
/** What discover-listings says of each feed. */
type Feed = z.infer<typeof discovered>["feeds"][number];

const importedOne = z.object({ url: z.string(), vehicle_id: z.string().nullable() });

/** What the pipeline did, by its own words and the queue's. */
export interface PipelineRun {
  feeds: Feed[];
  /** Listings that a second look at the same pages queued: none, if all goes well. */
  queuedAgain: number;
  /** Vehicles of the listings that were asked for, by URL. */
  asked: Map<string, string | null>;
  /** The rows of import_queue at the end. */
  queue: { url: string; title: string | null; status: string; outcome: string; vehicle: string }[];
}

/** Imports from the queue until nothing in it is open. Throws when the function fails. */
export async function drainQueue({ stack, sql }: World): Promise<void> {
  for (;;) {
    await callFunction(stack, "process-import-queue", { batch_size: 50 });
    const [row] = await sql<{ open: number }[]>`
      select count(*)::int as open from import_queue where status in ('pending', 'processing')`;
    if (row?.open === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * Asks for some listings by their URL, discovers others on the index pages and the feed, imports
 * them, and looks at the same pages again. Throws when a function fails.
 */
export async function runPipeline(world: World, asked: readonly string[]): Promise<PipelineRun> {
  const { stack, sql } = world;
  const vehicles = new Map<string, string | null>();
  for (let from = 0; from < asked.length; from += ASKED_AT_ONCE) {
    const answer = await callFunction(stack, "import-bat-listing", {
      urls: asked.slice(from, from + ASKED_AT_ONCE),
      download_images: false,
    });
    const { results } = z.object({ results: z.array(importedOne) }).parse(answer);
    for (const one of results) vehicles.set(one.url, one.vehicle_id);
  }
  const look = async () => {
    for (let tries = 1;; tries++) {
      const body = { urls: FEEDS };
      const seen = discovered.parse(await callFunction(stack, "discover-listings", body));
      // Cron's own run may have leased one of them.
      if (tries === MOST_LOOKS || seen.feeds.every((it) => it.outcome !== null)) return seen;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };
  const { feeds } = await look();
  await drainQueue(world);
  const again = await look();
  const queue = await sql<PipelineRun["queue"]>`
    select listing_url as url, listing_title as title, status, outcome_code as outcome,
      vehicle_id as vehicle
    from import_queue order by created_at, id`;
  const place = (feed: Feed) => FEEDS.indexOf(feed.url);
  return {
    feeds: feeds.toSorted((a, b) => place(a) - place(b)),
    queuedAgain: again.queued,
    asked: vehicles,
    queue: [...queue],
  };
}
