import assert from "node:assert/strict";
import type postgres from "postgres";
import { insertListings, startWorld } from "../support/world.ts";
import { until } from "../support/until.ts";

const HOST = "bringatrailer.com";
const LISTINGS = 50;

const count = async (sql: postgres.Sql, status: string) => {
  const [row] = await sql`
    select count(*)::int as count from bat_extraction_queue where status = ${status}`;
  return row?.count ?? 0;
};

Deno.test("the functions' host killed in the middle: what it held is worked again within a minute", async () => {
  const world = await startWorld({ cron: true, site: { counts: { [HOST]: LISTINGS } } });
  const { stack, site, sql } = world;
  const urls = Array.from({ length: LISTINGS }, (_, i) => site.catalogue.at(HOST, i)?.url ?? "");
  try {
    for (const url of urls) site.setFault(url, { kind: "slow", ms: 600 });
    // Nobody calls the worker: the new rows invoke it.
    const ids = await insertListings(sql, urls);
    await until("a run has leased rows", async () => await count(sql, "processing") > 0, 30);
    const held = await sql<{ vehicle_id: string }[]>`
      select vehicle_id from bat_extraction_queue where status = 'processing'`;
    const leased = held.map((row) => row.vehicle_id);
    Deno.kill(stack.functionsPid(), "SIGKILL");
    const killedAt = Date.now();

    await until("what it held is done", async () => {
      const [row] = await sql`
        select count(*)::int as open from bat_extraction_queue
        where vehicle_id = any (${leased}) and status <> 'complete'`;
      return row?.open === 0;
    }, 60);
    console.log(
      `${leased.length} leased rows, all worked again ${Date.now() - killedAt} ms later`,
    );
    await until("all are done", async () => await count(sql, "complete") === LISTINGS, 120);

    const vehicles = await sql`
      select v.id, v.discovery_url, v.make, v.sale_status, v.sale_price::float,
        (select count(*)::int from auction_events e where e.vehicle_id = v.id) as auctions,
        (select count(*)::int from auction_bids b join auction_events e on e.id = b.auction_event_id
          where e.vehicle_id = v.id) as bids,
        (select count(*)::int from auction_comments c
          join auction_events e on e.id = c.auction_event_id where e.vehicle_id = v.id) as comments,
        (select attempts from bat_extraction_queue q where q.vehicle_id = v.id) as attempts
      from vehicles v`;
    assert.equal(vehicles.length, ids.length);
    for (const vehicle of vehicles) {
      const truth = site.truth(vehicle.discovery_url);
      assert.deepEqual(
        [vehicle.make, vehicle.sale_status, vehicle.sale_price, vehicle.auctions],
        [truth?.facts.make, truth?.facts.sale_status, truth?.auction?.salePrice, 1],
      );
      assert.deepEqual([vehicle.bids, vehicle.comments], [
        truth?.auction?.bidCount,
        truth?.auction?.commentCount,
      ]);
      assert.ok(vehicle.attempts <= 2, `${vehicle.attempts} attempts`);
      // Fetched again only where the worker that had it died before it was written.
      assert.ok(site.count(vehicle.discovery_url) <= 2, vehicle.discovery_url);
    }
  } finally {
    await world.close();
  }
});
