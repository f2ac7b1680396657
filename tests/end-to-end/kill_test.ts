import assert from "node:assert/strict";
import type postgres from "postgres";
import { insertListings, startWorld, type World } from "../support/world.ts";
import { until } from "../support/until.ts";

const HOST = "bringatrailer.com";
const VEHICLES = 60;

/** How many vehicles are in one of these states. */
async function count(sql: postgres.Sql, ...states: string[]): Promise<number> {
  const [row] = await sql`
    select count(*)::int as count from micro_scrape_state where state = any (${states})`;
  return row?.count;
}

async function unread(sql: World["sql"]): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from micro_scrape_state where last_checked_at is null`;
  return row?.count ?? 0;
}

async function assertDoneOnce({ sql, site }: World, urls: string[]): Promise<void> {
  const vehicles = await sql`select id, discovery_url, vin, make from vehicles`;
  assert.equal(vehicles.length, VEHICLES);
  for (const vehicle of vehicles) {
    const truth = site.truth(vehicle.discovery_url);
    assert.equal(vehicle.vin, truth?.facts.vin ?? null);
    assert.equal(vehicle.make, truth?.facts.make);
  }
  const [twice] = await sql`
    select
      (select count(*)::int from (
        select from extraction_metadata where validation_status = 'accepted'
        group by vehicle_id, field_name having count(*) > 1) d) as facts,
      (select count(*)::int from (
        select from auction_events group by vehicle_id having count(*) > 1) d) as auctions,
      (select count(*)::int from micro_scrape_state where lease_token is not null) as leases,
      (select count(*)::int from micro_scrape_state where last_checked_at is null) as unread,
      (select count(*)::int from extraction_metadata m
        where m.snapshot_id is not null
          and not exists (select from page_snapshots s where s.id = m.snapshot_id)) as "withoutPage"`;
  const none = { facts: 0, auctions: 0, leases: 0, unread: 0, withoutPage: 0 };
  assert.deepEqual({ ...twice }, none);
  const [stated] = await sql`
    select sum(bid_count)::int as bids, (select count(*)::int from auction_bids) as held
    from auction_events`;
  assert.equal(stated?.held, stated?.bids);
  // A page is fetched again only when the worker that had it died before it was written.
  for (const url of urls) assert.ok(site.count(url) <= 3, `${url}: ${site.count(url)}`);
}

async function killed(what: (world: World) => void): Promise<void> {
  const world = await startWorld({ cron: true, site: { counts: { [HOST]: VEHICLES } } });
  const { site, sql, post } = world;
  const urls = Array.from({ length: VEHICLES }, (_, i) => site.catalogue.at(HOST, i)?.url ?? "");
  try {
    for (const url of urls) site.setFault(url, { kind: "slow", ms: 800 });
    await insertListings(sql, urls);
    const runs = [1, 2].map(() =>
      post("micro-scrape-bandaid", { batch_size: 20 }).catch(() => "cut off")
    );
    await until("a run has leased vehicles", async () => await count(sql, "leased") > 0);
    what(world);
    await Promise.all(runs);

    // The database's own cron does the rest.
    await until(
      "nothing is due or leased, and nothing waits for its first reading",
      async () => await count(sql, "due", "leased") === 0 && await unread(sql) === 0,
      120,
    );
    await assertDoneOnce(world, urls);
    const [old] = await sql`
      select count(*)::int as count from micro_scrape_state
      where lease_expires_at < now() - interval '60 seconds'`;
    assert.equal(old?.count, 0);
  } finally {
    await world.close();
  }
}

Deno.test("the functions' host killed in the middle of a run: everything is done once", () =>
  killed(({ stack }) => Deno.kill(stack.functionsPid(), "SIGKILL")));

Deno.test("Postgres killed in the middle of a run: everything is done once", () =>
  killed(({ stack }) => Deno.kill(stack.postgresPid(), "SIGKILL")));
