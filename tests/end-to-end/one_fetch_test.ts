/** With everything running by itself: a new listing is read once, whichever worker comes first. */
import assert from "node:assert/strict";
import { insertListings, startWorld } from "../support/world.ts";
import { until } from "../support/until.ts";

const BAT = "bringatrailer.com";
const LISTINGS = 40;

Deno.test("with cron on, two kinds of workers want every new auction and its page is fetched once", async () => {
  const world = await startWorld({
    cron: true,
    site: { seed: "one fetch", counts: { [BAT]: LISTINGS } },
  });
  const { sql, site, post } = world;
  try {
    const urls = Array.from({ length: LISTINGS }, (_, i) => site.catalogue.at(BAT, i)?.url ?? "");
    const ids = await insertListings(sql, urls);
    // As if both had been invoked at the same moment, twice.
    await Promise.all([
      post("micro-scrape-bandaid", { batch_size: 20 }),
      post("process-bat-extraction-queue", { batch_size: 20 }),
      post("micro-scrape-bandaid", { batch_size: 20 }),
      post("process-bat-extraction-queue", { batch_size: 20 }),
    ]);
    await until("nothing is queued or due", async () => {
      const [open] = await sql`
        select
          (select count(*)::int from bat_extraction_queue where status in ('pending', 'processing')) as queued,
          (select count(*)::int from micro_scrape_state where state in ('due', 'leased')) as due`;
      return open?.queued === 0 && open.due === 0;
    }, 120);
    const counts = urls.map((url) => site.count(url));
    assert.deepEqual(counts, urls.map(() => 1));
    const [read] = await sql`
      select count(*)::int as events,
        (select count(*)::int from bat_extraction_queue where status = 'complete') as complete
      from auction_events where vehicle_id = any (${ids})`;
    assert.deepEqual({ ...read }, { events: LISTINGS, complete: LISTINGS });
  } finally {
    await world.close();
  }
});
