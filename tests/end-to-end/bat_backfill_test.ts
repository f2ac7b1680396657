/** "Bid to $89,500" that was stored as a sale: found, corrected and proven, through the queue. */
import assert from "node:assert/strict";
import { mirrorUrl } from "../../demo/site/mirror.ts";
import { startWorld, type World } from "../support/world.ts";
import { auctions, HOST, RepairRounds } from "./bat_backfill_rounds.ts";

const NAME = "process-bat-extraction-queue";
/** As in the specification's curl. */
const BODY = { batchSize: 10, maxAttempts: 3 };

/** What a vehicle holds, with all that hangs on it, but for the times of the looks at it. */
async function held({ sql }: World, id: string): Promise<unknown> {
  const [row] = await sql`
    select to_jsonb(v) - '{updated_at,field_state}'::text[] as vehicle,
      (select jsonb_agg(to_jsonb(e) - '{page_at,updated_at}'::text[]) from auction_events e
        where e.vehicle_id = v.id) as auctions,
      (select jsonb_agg(to_jsonb(m) - 'last_confirmed_at' order by m.id) from extraction_metadata m
        where m.vehicle_id = v.id) as history,
      (select count(*) from auction_bids b join auction_events e on e.id = b.auction_event_id
        where e.vehicle_id = v.id) as bids,
      (select count(*) from auction_comments c join auction_events e on e.id = c.auction_event_id
        where e.vehicle_id = v.id) as comments
    from vehicles v where v.id = ${id}`;
  return { ...row };
}

Deno.test('the before and after of the specification: "Bid to $89,500"', async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 80 } } });
  const { site, sql, post } = world;
  const rounds = new RepairRounds(world);
  const [url = "", other = ""] = auctions(world, "bid_to", 2);
  site.setFault(url, { kind: "page_says", change: "bid_to_89500" });
  try {
    let id = "";
    await t.step(
      "before: the page says so, a comment names a price, and a sale is held",
      async () => {
        const page = await (await fetch(mirrorUrl(site.url, url))).text();
        assert.match(page, /Bid to [^$]{0,40}\$89,500/);
        assert.match(page, /Sold for \$99,000 after the auction/);
        // The same mistake twice: as a sale, and as a price that nobody paid.
        id = await rounds.leftBehind(url, { sale_price: 89500, sale_status: "sold" });
        await sql`
        insert into auction_events (vehicle_id, source_url, outcome, sale_price, page_at)
        values (${id}, canonical_listing_url(${url}), 'sold', 89500, now() - interval '1 year')`;
        await rounds.leftBehind(other, { sale_price: 12000, sale_status: "bid_to" });
      },
    );

    await t.step("it is found, and why; the surest mistake first", async () => {
      const found = await sql`select * from queue_bat_backfill_vehicles(50, 75)`;
      assert.deepEqual(found.map((one) => [one.reason, one.bat_url]), [
        ["wrong_sale_status", other],
        ["unproven_sale", url],
      ]);
      assert.deepEqual({ ...(await rounds.autoQueue()) }, { queued_count: 2, skipped_count: 0 });
      assert.deepEqual({ ...(await rounds.autoQueue()) }, { queued_count: 0, skipped_count: 2 });
      const rows = await sql`select distinct priority, status from bat_extraction_queue`;
      assert.deepEqual([...rows], [{ priority: 75, status: "pending" }]);
    });

    await t.step("after: the high bid, no sale price, outcome bid_to", async () => {
      const { status, body } = await post(NAME, BODY);
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual([body.processed, body.completed, body.corrected], [2, 2, 2]);
      const [vehicle] = await sql`
        select sale_price, high_bid::float, sale_status from vehicles where id = ${id}`;
      assert.deepEqual({ ...vehicle }, {
        sale_price: null,
        high_bid: 89500,
        sale_status: "bid_to",
      });
      const events = await sql`
        select id, outcome, sale_price, high_bid::float, bid_count, comment_count
        from auction_events where vehicle_id = ${id}`;
      const truth = site.truth(url)?.auction;
      assert.ok(truth && truth.bidCount !== truth.commentCount);
      assert.deepEqual([...events], [{
        id: events[0]?.id,
        outcome: "bid_to",
        sale_price: null,
        high_bid: 89500,
        bid_count: truth.bidCount,
        comment_count: truth.commentCount,
      }]);
    });

    await t.step("the comment that names another price is a comment", async () => {
      const [kept] = await sql`
        select
          (select count(*)::int from auction_comments c where c.auction_event_id = e.id) as comments,
          (select count(*)::int from auction_bids b where b.auction_event_id = e.id) as bids,
          (select count(*)::int from auction_comments c
            where c.auction_event_id = e.id and c.body like '%$99,000%') as naming
        from auction_events e where e.vehicle_id = ${id}`;
      const truth = site.truth(url)?.auction;
      assert.deepEqual({ ...kept }, {
        comments: truth?.commentCount,
        bids: truth?.bidCount,
        naming: 2,
      });
      const [named] = await sql`
        select count(*)::int as rows from extraction_metadata
        where vehicle_id = ${id} and (field_value ~ '99[,]?000' or field_value ~ '101[,]?000')`;
      assert.equal(named?.rows, 0, "it became no fact, not even a doubtful one");
    });

    await t.step("who corrected it, by what, and what stood there before", async () => {
      const [taken] = await sql`
        select validation_status, field_value, previous_value::float, evidence, extraction_method,
          scraper_version, source_url
        from get_extraction_history(${id}) where field_name = 'sale_price'`;
      assert.deepEqual([taken?.validation_status, taken?.field_value, taken?.previous_value], [
        "retracted",
        null,
        89500,
      ]);
      assert.match(taken?.evidence, /[Rr]eserve not met/, "the auction's own record");
      assert.match(taken?.scraper_version, /^v\d/);
      assert.equal(taken?.source_url, url);
      const read = await sql`
        select field_name, field_value, previous_value from get_extraction_history(${id})
        where field_name in ('high_bid', 'sale_status') and validation_status = 'accepted'
        order by field_name`;
      assert.deepEqual([...read], [
        { field_name: "high_bid", field_value: "89500", previous_value: null },
        { field_name: "sale_status", field_value: "bid_to", previous_value: "sold" },
      ]);
    });

    await t.step("each step of the repair is on record", async () => {
      const steps = await sql`
        select step_name, status, outcome_code, source, url, duration_ms from scrape_steps
        where vehicle_id = ${id} order by step_name`;
      assert.deepEqual(steps.map((one) => [one.step_name, one.status, one.outcome_code]), [
        ["extract_comments", "success", "ok"],
        ["extract_data", "success", "ok"],
        ["extract_images", "success", "ok"],
        ["extract_vin", "success", "ok"],
      ]);
      assert.deepEqual(
        new Set(steps.map((one) => `${one.source} ${one.url}`)),
        new Set([
          `${HOST} ${url}`,
        ]),
      );
      assert.ok(steps.every((one) => one.duration_ms >= 0 && one.duration_ms < 30_000));
      assert.equal(site.count(url), 2, "one look by this test, one by the repair");
    });

    await t.step("running again changes nothing", async () => {
      assert.deepEqual([...await sql`select * from queue_bat_backfill_vehicles(50, 75)`], []);
      const before = await held(world, id);
      await sql`update bat_extraction_queue set status = 'pending' where vehicle_id = ${id}`;
      await rounds.pass("1 day");
      const { body } = await post(NAME, BODY);
      assert.deepEqual([body.completed, body.changed, body.corrected], [1, 0, 0]);
      assert.deepEqual(await held(world, id), before);
    });
  } finally {
    await world.close();
  }
});
