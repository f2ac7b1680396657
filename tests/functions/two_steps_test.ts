import assert from "node:assert/strict";
import { changedTables, everything, insertListings, startWorld } from "../support/world.ts";

const HOST = "bringatrailer.com";
const CLASSIFIED = "classics.example";
const CORE = "extract-premium-auction";
const COMMENTS = "extract-auction-comments";

Deno.test("an auction in two steps", async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 60, [CLASSIFIED]: 1 } } });
  const { site, sql, post } = world;
  const listings = Array.from({ length: 60 }, (_, i) => site.catalogue.at(HOST, i))
    .filter((one) => one !== null);
  const urls = listings.map(({ url }) => url);
  const stepsOf = (id: string) =>
    sql`
      select step_name, status, outcome_code, duration_ms, url from scrape_steps
      where vehicle_id = ${id} order by created_at, step_name`;
  const entriesOf = async (id: string) => {
    const [row] = await sql`
      select (select count(*)::int from auction_bids b where b.auction_event_id = e.id) as bids,
        (select count(*)::int from auction_comments c where c.auction_event_id = e.id) as comments
      from auction_events e where e.vehicle_id = ${id}`;
    return row === undefined ? null : { ...row };
  };
  try {
    await t.step(
      "the first reads facts, outcome and gallery, the second bids and comments",
      async () => {
        const [id = ""] = await insertListings(sql, urls.slice(0, 1));
        const url = urls[0] ?? "";
        const truth = site.truth(url);
        const first = await post(CORE, { vehicle_id: id });
        assert.equal(first.status, 200, JSON.stringify(first.body));
        assert.deepEqual([first.body.success, first.body.results[0].from], [true, "site"]);
        const [vehicle] = await sql`
        select make, vin, sale_status, (origin_metadata ->> 'image_count')::int as images
        from vehicles where id = ${id}`;
        assert.deepEqual({ ...vehicle }, {
          make: truth?.facts.make,
          vin: truth?.facts.vin ?? null,
          sale_status: truth?.facts.sale_status,
          images: listings[0]?.images.length,
        });
        assert.deepEqual(await entriesOf(id), { bids: 0, comments: 0 });
        assert.deepEqual((await stepsOf(id)).map((step) => step.step_name), [
          "extract_data",
          "extract_images",
          "extract_vin",
        ]);

        const second = await post(COMMENTS, { vehicle_id: id });
        assert.deepEqual([second.body.success, second.body.results[0].from], [true, "snapshot"]);
        assert.deepEqual(second.body.results[0].changes, {});
        assert.deepEqual(await entriesOf(id), {
          bids: truth?.auction?.bidCount,
          comments: truth?.auction?.commentCount,
        });
        const [last] = (await stepsOf(id)).slice(3);
        assert.deepEqual([last?.step_name, last?.status, last?.url], [
          "extract_comments",
          "success",
          url,
        ]);
        assert.equal(site.count(url), 1, "both share one fetch");
      },
    );

    await t.step("every step is on record with its outcome and how long it took", async () => {
      const rows = await sql`select * from scrape_steps where status <> 'skipped'`;
      assert.ok(rows.length >= 4);
      for (const row of rows) {
        assert.equal(row.source, HOST);
        assert.ok(["ok", "not_modified"].includes(row.outcome_code), row.outcome_code);
        assert.equal(typeof row.duration_ms, "number", row.step_name);
      }
    });

    await t.step("in the other order they write the same", async () => {
      const [id = ""] = await insertListings(sql, urls.slice(1, 2));
      const truth = site.truth(urls[1] ?? "");
      const entries = { bids: truth?.auction?.bidCount, comments: truth?.auction?.commentCount };
      await post(COMMENTS, { vehicle_id: id });
      assert.deepEqual(await entriesOf(id), entries);
      const [before] = await sql`select make from vehicles where id = ${id}`;
      assert.equal(before?.make, null, "no fact of the vehicle is the second step's");
      await post(CORE, { vehicle_id: id });
      assert.deepEqual(await entriesOf(id), entries);
      const [after] = await sql`select make from vehicles where id = ${id}`;
      assert.equal(after?.make, truth?.facts.make);
    });

    await t.step("a dry run of either changes nothing", async () => {
      const [id = ""] = await insertListings(sql, urls.slice(2, 3));
      const before = await everything(sql);
      for (const name of [CORE, COMMENTS]) {
        const { body } = await post(name, { vehicle_ids: [id], dry_run: true });
        assert.deepEqual([body.success, body.results[0].outcome], [true, "ok"]);
        assert.equal(body.results[0].bids, site.truth(urls[2] ?? "")?.auction?.bidCount);
      }
      const { body } = await post(CORE, { url: urls[3], dry_run: true });
      assert.deepEqual([body.results[0].created, body.results[0].vehicle_id], [true, null]);
      assert.deepEqual(await changedTables(sql, before), [
        "private.host_metrics",
        "public.scraping_health",
        "public.source_hosts",
      ]);
    });

    await t.step("a listing that no vehicle stands on becomes one, once", async () => {
      const url = urls[3] ?? "";
      const unknown = await post(COMMENTS, { url });
      assert.equal(unknown.status, 404);
      assert.match(unknown.body.mistakes[0].message, /extract-premium-auction/);

      const { body } = await post(CORE, { url });
      const { vehicle_id: id, created } = body.results[0];
      assert.deepEqual([body.success, created], [true, true]);
      const [row] = await sql`
        select status, reason, bat_url from bat_extraction_queue where vehicle_id = ${id}`;
      assert.deepEqual({ ...row }, { status: "pending", reason: "new", bat_url: url });

      const spelled = url.replace("https://", "http://www.").replace(/\/$/, "?utm_source=x#bids");
      const again = await post(CORE, { url: spelled });
      assert.deepEqual(
        [again.body.results[0].vehicle_id, again.body.results[0].created],
        [id, false],
      );
      const second = await post(COMMENTS, { url: spelled });
      assert.equal(second.body.results[0].vehicle_id, id);
      assert.equal((await entriesOf(id))?.comments, site.truth(url)?.auction?.commentCount);
      const [same] = await sql`
        select count(*)::int as count from vehicles where discovery_url = ${url}`;
      assert.deepEqual([same?.count, site.count(url)], [1, 2], "one fetch, and the dry run's");
    });

    await t.step("a part, a removed listing: no vehicle comes of it", async () => {
      const [before] = await sql`select count(*)::int as count from vehicles`;
      site.setFault(urls[4] ?? "", { kind: "gone", status: 404 });
      const nonVehicle = site.catalogue.extras().find((one) => one.nonVehicle !== undefined)?.url ??
        "";
      for (const [url, outcome] of [[urls[4], "gone"], [nonVehicle, "not_a_listing"]]) {
        const { body } = await post(CORE, { url });
        const [result] = body.results;
        assert.deepEqual([body.success, result.outcome, result.vehicle_id, result.created], [
          false,
          outcome,
          null,
          false,
        ]);
      }
      const [after] = await sql`select count(*)::int as count from vehicles`;
      assert.equal(after?.count, before?.count);
    });

    await t.step("a step that fails waits to be tried again under its own name", async () => {
      const [id = ""] = await insertListings(sql, urls.slice(5, 6));
      site.setFault(urls[5] ?? "", { kind: "server_error" });
      for (const name of [COMMENTS, CORE]) {
        const { body } = await post(name, { vehicle_id: id });
        assert.deepEqual([body.success, body.results[0].outcome], [false, "server_error"]);
      }
      const failed = await sql`
        select step_name, outcome_code from scrape_retry_queue where vehicle_id = ${id}
          and status = 'pending' order by step_name`;
      assert.deepEqual(failed.map((row) => [row.step_name, row.outcome_code]), [
        ["extract_comments", "server_error"],
        ["extract_data", "server_error"],
      ]);
      site.clearFaults();
      await post(COMMENTS, { vehicle_id: id });
      const open = await sql`
        select step_name from scrape_retry_queue where vehicle_id = ${id} and status = 'pending'`;
      assert.deepEqual(open.map((row) => row.step_name), ["extract_data"]);
    });

    await t.step("each way in which an auction ends is told by its own record", async () => {
      const at = (end: string) => listings.find((one) => one.auction?.end === end)?.url ?? "";
      const said: Record<string, string> = {
        [at("sold")]: "sold",
        [at("bid_to")]: "bid_to",
        [at("sold_after")]: "sold",
        [at("live")]: "live",
        [at("no_sale")]: "no_sale",
      };
      const changed = urls.filter((url) => !(url in said)).slice(10, 15);
      const [withdrawn = "", named = "", still = "", struck = "", sold = ""] = changed;
      site.setFault(withdrawn, { kind: "page_says", change: "withdrawn" });
      site.setFault(named, { kind: "page_says", change: "comment_names_price" });
      site.setFault(still, { kind: "page_says", change: "still_live" });
      site.setFault(struck, { kind: "page_says", change: "canceled_bid" });
      site.setFault(sold, { kind: "page_says", change: "ended_sold" });
      Object.assign(said, { [withdrawn]: "withdrawn", [named]: "bid_to", [still]: "live" });
      Object.assign(said, { [sold]: "sold", [struck]: site.truth(struck)?.auction?.outcome });
      assert.equal("" in said, false, "the catalogue has each kind of end");

      for (const [url, outcome] of Object.entries(said)) {
        const truth = site.truth(url)?.auction;
        const { body } = await post(CORE, { url });
        const { auction, vehicle_id } = body.results[0];
        const [held] = await sql`
          select sale_status, sale_price::float, high_bid::float from vehicles
          where id = ${vehicle_id}`;
        const price = outcome === "sold" ? truth?.salePrice : null;
        assert.deepEqual(
          [auction.outcome, auction.sale_price, held?.sale_status, held?.sale_price],
          [outcome, price, outcome, price],
          url,
        );
        assert.equal(held?.high_bid, truth?.highBid, url);
        assert.deepEqual([auction.bid_count, auction.comment_count], [
          truth?.bidCount,
          truth?.commentCount,
        ]);
      }
    });

    await t.step("every mistake in a body is named, and nothing happens", async () => {
      const [classified = ""] = await insertListings(sql, [
        site.catalogue.at(CLASSIFIED, 0)?.url ?? "",
      ]);
      const nobody = "00000000-0000-4000-8000-000000000000";
      const bad: [Record<string, unknown>, string][] = [
        [{}, "url"],
        [{ url: urls[0], vehicle_id: nobody }, "url"],
        [{ url: "not a url" }, "url"],
        [{ url: `https://${HOST}/auctions/` }, "url"],
        [{ url: `https://${CLASSIFIED}/listing/x` }, "url"],
        [{ url: `https://someone@${HOST}/listing/x/` }, "url"],
        [{ url: 7 }, "url"],
        [{ vehicle_id: nobody }, "vehicle_id"],
        [{ vehicle_id: classified }, "vehicle_id"],
        [{ vehicle_ids: [classified] }, "vehicle_ids.0"],
        [{ vehicle_ids: [] }, "vehicle_ids"],
        [{ url: urls[0], max_runtime_ms: 1 }, "max_runtime_ms"],
        [{ url: urls[0], batch_size: 1 }, ""],
      ];
      const before = await everything(sql);
      for (const name of [CORE, COMMENTS]) {
        for (const [body, path] of bad) {
          const answer = await post(name, body);
          assert.equal(answer.status, 400, `${name} ${JSON.stringify(body)}`);
          assert.deepEqual(
            answer.body.mistakes.map((one: { path: string }) => one.path),
            [path],
            JSON.stringify(answer.body),
          );
        }
      }
      assert.deepEqual(await everything(sql), before);
    });
  } finally {
    await world.close();
  }
});
