import assert from "node:assert/strict";
import type postgres from "postgres";
import { startWorld } from "../support/world.ts";

const HOST = "bringatrailer.com";
const NAME = "process-bat-extraction-queue";

const repairs = (sql: postgres.Sql) =>
  sql`select queued_count, skipped_count from auto_queue_bat_backfills(20, 75)`;
const seen = (sql: postgres.Sql) =>
  sql`select vehicle_id, reason, bat_url from queue_bat_backfill_vehicles(50, 75)`;

Deno.test("what earlier code got wrong is repaired through the queue", async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 60 } } });
  const { site, sql, post } = world;
  const listings = Array.from({ length: 60 }, (_, i) => site.catalogue.at(HOST, i))
    .filter((one) => one !== null);
  const urlOf = (end: string, place = 0) =>
    listings.filter(({ auction }) => auction?.end === end)[place]?.url ?? "";
  /** A vehicle as earlier code left it, after its row of the queue was worked off. */
  const left = async (url: string, facts: Record<string, unknown>) => {
    const [row] = await sql<{ id: string }[]>`
      insert into vehicles ${sql({ discovery_url: url, ...facts })} returning id`;
    await sql`delete from bat_extraction_queue where vehicle_id = ${row?.id ?? ""}`;
    return row?.id ?? "";
  };
  /** An hour, or the days after which a row is no longer cool, goes by. */
  const later = (ids: string[]) =>
    sql`
      with old as (
        update page_snapshots
        set fetched_at = fetched_at - interval '1 day', last_seen_at = last_seen_at - interval '1 day')
      update bat_extraction_queue set requeue_at = now() where vehicle_id = any (${ids})`;
  try {
    await t.step("'Bid to' held as a sale is corrected, and the page is the witness", async () => {
      const url = urlOf("bid_to");
      site.setFault(url, { kind: "page_says", change: "comment_names_price" });
      const bid = site.truth(url)?.auction?.highBid ?? 0;
      const id = await left(url, { sale_price: bid, sale_status: "sold" });
      assert.deepEqual((await seen(sql)).map((one) => [one.vehicle_id, one.reason, one.bat_url]), [
        [id, "unproven_sale", url],
      ]);
      assert.deepEqual({ ...(await repairs(sql))[0] }, { queued_count: 1, skipped_count: 0 });

      const { body } = await post(NAME, { batchSize: 10, maxAttempts: 3 });
      assert.deepEqual([body.processed, body.completed, body.corrected], [1, 1, 1]);
      const [result] = body.results;
      assert.equal(result.priority, 75);
      assert.deepEqual(result.auction.outcome, "bid_to");
      assert.deepEqual(result.changes.sale_price, { old: bid, new: null });
      assert.deepEqual(result.changes.sale_status, { old: "sold", new: "bid_to" });
      assert.deepEqual(result.changes.high_bid, { old: null, new: bid });

      const [vehicle] = await sql`
        select sale_price, sale_status, high_bid::float from vehicles where id = ${id}`;
      assert.deepEqual({ ...vehicle }, { sale_price: null, sale_status: "bid_to", high_bid: bid });
      const [event] = await sql`
        select e.outcome, e.sale_price, e.high_bid::float,
          (select count(*)::int from auction_comments c
            where c.auction_event_id = e.id and c.body like '%$99,000%') as named
        from auction_events e where e.vehicle_id = ${id}`;
      assert.deepEqual({ ...event, named: event?.named > 0 }, {
        outcome: "bid_to",
        sale_price: null,
        high_bid: bid,
        named: true,
      });
      const [why] = await sql`
        select field_value, previous_value::float, evidence, validation_status, source_url
        from extraction_metadata where vehicle_id = ${id} and field_name = 'sale_price'`;
      assert.deepEqual([why?.field_value, why?.previous_value], [null, bid]);
      assert.equal(why?.validation_status, "retracted");
      assert.match(why?.evidence, /Reserve not met/);
      assert.equal(why?.source_url, url);
      assert.deepEqual([...await seen(sql)], [], "what is right now is not read again");
    });

    await t.step("a sale that is proven by its page stays a sale", async () => {
      const url = urlOf("sold");
      const price = site.truth(url)?.auction?.salePrice;
      const id = await left(url, { sale_price: price, sale_status: "sold" });
      await repairs(sql);
      const { body } = await post(NAME, {});
      assert.deepEqual([body.completed, body.corrected], [1, 0]);
      const [vehicle] = await sql`
        select sale_price::float, sale_status from vehicles where id = ${id}`;
      assert.deepEqual({ ...vehicle }, { sale_price: price, sale_status: "sold" });
    });

    await t.step("a person's word on the price is not overruled", async () => {
      const url = urlOf("bid_to", 1);
      const id = await left(url, {});
      await sql`update vehicles set sale_price = 12345 where id = ${id}`;
      const { body } = await post(NAME, { vehicle_ids: [id] });
      assert.ok(body.results[0].conflicts.includes("sale_price"), JSON.stringify(body.results[0]));
      const [vehicle] = await sql`select sale_price::float from vehicles where id = ${id}`;
      assert.equal(vehicle?.sale_price, 12345);
      await sql`delete from vehicles where id = ${id}`;
    });

    await t.step("a live auction is looked at after its end, and not before", async () => {
      const url = urlOf("bid_to", 2);
      site.setFault(url, { kind: "page_says", change: "still_live" });
      const id = await left(url, {});
      await post(NAME, { vehicle_ids: [id] });
      const [live] = await sql`
        select v.sale_status, v.sale_price, e.outcome, e.sale_price as event_price,
          e.ends_at > now() as runs
        from vehicles v join auction_events e on e.vehicle_id = v.id where v.id = ${id}`;
      assert.deepEqual({ ...live }, {
        sale_status: "live",
        sale_price: null,
        outcome: "live",
        event_price: null,
        runs: true,
      });
      await later([id]);
      assert.deepEqual([...await seen(sql)], [], "nothing new is to be had before it ends");

      await sql`update auction_events set ends_at = now() - interval '1 hour' where vehicle_id = ${id}`;
      await sql`update bat_extraction_queue set processed_at = now() - interval '1 day'
        where vehicle_id = ${id}`;
      assert.deepEqual((await seen(sql)).map((one) => [one.vehicle_id, one.reason]), [
        [id, "auction_ended"],
      ]);
      site.setFault(url, { kind: "page_says", change: "ended_sold" });
      await repairs(sql);
      const { body } = await post(NAME, {});
      const price = site.truth(url)?.auction?.salePrice;
      assert.deepEqual([body.results[0].auction.outcome, body.results[0].from], ["sold", "site"]);
      const [sold] = await sql`
        select sale_status, sale_price::float from vehicles where id = ${id}`;
      assert.deepEqual({ ...sold }, { sale_status: "sold", sale_price: price });
    });

    await t.step("a live auction is read anew though somebody has just read it", async () => {
      const url = urlOf("bid_to", 3);
      site.setFault(url, { kind: "page_says", change: "still_live" });
      const id = await left(url, {});
      await post(NAME, { vehicle_ids: [id] });
      await sql`update page_snapshots set fetched_at = fetched_at - interval '2 minutes'`;
      site.clearLog();
      const { body } = await post(NAME, { vehicle_ids: [id] });
      assert.deepEqual([body.results[0].from, site.count(url)], ["site", 1]);
    });

    await t.step("a failed row that has cooled down is queued again by itself", async () => {
      const url = urlOf("sold", 1);
      site.setFault(url, { kind: "server_error" });
      const id = await left(url, {});
      await sql`
        insert into bat_extraction_queue (vehicle_id, bat_url, priority) values (${id}, ${url}, 75)`;
      await post(NAME, { maxAttempts: 1 });
      const [failed] = await sql`
        select status, requeue_at > now() as cools from bat_extraction_queue where vehicle_id = ${id}`;
      assert.deepEqual({ ...failed }, { status: "failed", cools: true });
      assert.deepEqual([...await seen(sql)], [], "not before it has cooled down");
      await later([id]);
      site.clearFaults();
      assert.equal((await repairs(sql))[0]?.queued_count, 1);
      const { body } = await post(NAME, {});
      assert.deepEqual([body.completed, body.results[0].outcome], [1, "ok"]);
    });
  } finally {
    await world.close();
  }
});
