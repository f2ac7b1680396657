import assert from "node:assert/strict";
import { everything, insertListings, startWorld } from "../support/world.ts";

const BAT = "bringatrailer.com";
const DEALER = "classics.example";

const RATE_AND_HEALTH = ["public.source_hosts", "public.scraping_health", "private.host_metrics"];

Deno.test("the actions as endpoints", async (t) => {
  const world = await startWorld({ site: { counts: { [BAT]: 20, [DEALER]: 20 } } });
  const { site, sql, post } = world;
  const url = (host: string, index: number) => site.catalogue.at(host, index)?.url ?? "";
  const held = async (id: string | undefined) =>
    (await sql`select * from vehicles where id = ${id ?? ""}`)[0];
  /** Numbers of listings whose pages state a VIN of 17 characters. */
  const withVin = [...Array(20).keys()].filter((index) =>
    String(site.truth(url(BAT, index))?.facts.vin ?? "").length === 17
  );
  const [first = 0, second = 0, third = 0, fourth = 0] = withVin;
  try {
    await t.step("extract-vin-from-vehicle fills the VIN and nothing else", async () => {
      const [id] = await insertListings(sql, [url(BAT, first)]);
      const answer = await post("extract-vin-from-vehicle", { vehicle_id: id });
      const vin = site.truth(url(BAT, first))?.facts.vin;
      assert.equal(answer.body.success, true, JSON.stringify(answer.body));
      assert.equal(answer.body.vin, vin);
      assert.equal(answer.body.updated, true);
      const vehicle = await held(id);
      assert.equal(vehicle?.vin, vin);
      assert.equal(vehicle?.make, null);
    });

    await t.step(
      "extract-vin-from-vehicle finds it in text at hand without a request",
      async () => {
        const [id] = await insertListings(sql, [url(DEALER, 1)]);
        site.clearLog();
        const answer = await post("extract-vin-from-vehicle", {
          vehicle_id: id,
          extra_text: "<p>One owner. VIN: 1GCDC14H0FS135837, call 864-555-0100.</p>",
        });
        assert.equal(site.requests.length, 0);
        assert.equal(answer.body.success, true, JSON.stringify(answer.body));
        assert.match(answer.body.vin ?? "", /^1GCDC14H/);
        const [row] = await sql`
        select extraction_method, confidence_score::float as confidence, evidence
        from extraction_metadata where vehicle_id = ${id ?? ""}`;
        assert.equal(row?.extraction_method, "extra_text");
        assert.ok(row?.confidence < 0.9, "prose is never as sure as a labelled field");
      },
    );

    await t.step(
      "extract-vin-from-vehicle takes no phone number and no words for a VIN",
      async () => {
        const [id] = await insertListings(sql, [url(DEALER, 2)]);
        const answer = await post("extract-vin-from-vehicle", {
          vehicle_id: id,
          extra_text: "Call 12345678901234567 now. UNCOMPREHENDABLEX is seventeen letters.",
        });
        assert.equal(answer.body.vin, null);
        assert.equal((await held(id))?.vin, null);
      },
    );

    await t.step(
      "a dry run shows what would change, and keeps nothing but rate and health",
      async () => {
        const [id] = await insertListings(sql, [url(BAT, second)]);
        const before = await everything(sql);
        const answer = await post("scrape-vehicle", { vehicle_id: id, dry_run: true });
        const [result] = answer.body.results;
        assert.deepEqual(result.changes.vin, {
          old: null,
          new: site.truth(url(BAT, second))?.facts.vin,
        });
        const after = await everything(sql);
        for (const table of Object.keys(after)) {
          if (RATE_AND_HEALTH.includes(table)) continue;
          assert.deepEqual(after[table], before[table], table);
        }
      },
    );

    await t.step(
      "comprehensive-bat-extraction writes facts, auction, bids and comments",
      async () => {
        const [id] = await insertListings(sql, [url(BAT, third)]);
        const answer = await post("comprehensive-bat-extraction", { vehicle_id: id });
        assert.equal(answer.body.success, true, JSON.stringify(answer.body));
        const truth = site.truth(url(BAT, third));
        const [event] = await sql`
        select outcome, bid_count, comment_count,
          (select count(*)::int from auction_bids b where b.auction_event_id = e.id) as bids,
          (select count(*)::int from auction_comments c where c.auction_event_id = e.id) as comments
        from auction_events e where vehicle_id = ${id ?? ""}`;
        assert.deepEqual({ ...event }, {
          outcome: truth?.auction?.outcome,
          bid_count: truth?.auction?.bidCount,
          comment_count: truth?.auction?.commentCount,
          bids: truth?.auction?.bidCount,
          comments: truth?.auction?.commentCount,
        });
      },
    );

    await t.step("comprehensive-bat-extraction refuses a vehicle of another site", async () => {
      const [id] = await insertListings(sql, [url(DEALER, 3)]);
      const answer = await post("comprehensive-bat-extraction", { vehicle_id: id });
      assert.equal(answer.status, 400);
      assert.match(JSON.stringify(answer.body.mistakes), /not a listing on bringatrailer.com/);
    });

    await t.step(
      "a price in a comment is no sale: the wrong sale price is cleared, with evidence",
      async () => {
        const [id] = await insertListings(sql, [url(BAT, fourth)]);
        // As an earlier system left it: a value without provenance.
        await sql`alter table vehicles disable trigger note_manual_edits`;
        await sql`update vehicles set sale_price = 89500, sale_status = 'sold' where id = ${
          id ?? ""
        }`;
        await sql`alter table vehicles enable trigger note_manual_edits`;
        site.setFault(url(BAT, fourth), { kind: "page_says", change: "comment_names_price" });
        await post("comprehensive-bat-extraction", { vehicle_id: id });
        const vehicle = await held(id);
        assert.equal(vehicle?.sale_price, null);
        assert.equal(vehicle?.sale_status, "bid_to");
        assert.equal(Number(vehicle?.high_bid), site.truth(url(BAT, fourth))?.auction?.highBid);
        const [row] = await sql`
        select previous_value, validation_status, evidence from extraction_metadata
        where vehicle_id = ${id ?? ""} and field_name = 'sale_price'`;
        assert.equal(row?.validation_status, "retracted");
        assert.equal(Number(row?.previous_value), 89500);
        assert.notEqual(row?.evidence, "");
      },
    );

    await t.step(
      "extract-images remembers the URLs; retry-image-backfill stores the pictures",
      async () => {
        const [id] = await insertListings(sql, [url(DEALER, 4)]);
        await post("extract-images", { vehicle_id: id });
        const images = site.truth(url(DEALER, 4))?.images ?? [];
        const vehicle = await held(id);
        assert.equal(vehicle?.make, null);
        assert.ok(vehicle?.origin_metadata.image_urls.length >= images.length);
        assert.equal(
          vehicle?.origin_metadata.image_count,
          vehicle?.origin_metadata.image_urls.length,
        );
        for (let round = 0; round < 2; round++) {
          const answer = await post("retry-image-backfill", {
            vehicle_ids: [id],
            only_missing: true,
          });
          assert.equal(answer.body.success, true, JSON.stringify(answer.body));
          const [row] = await sql`
          select count(*)::int as count from vehicle_images where vehicle_id = ${id ?? ""}`;
          assert.equal(row?.count, images.length);
        }
      },
    );

    await t.step("generate-vehicle-description prefers the source's words", async () => {
      const [id] = await insertListings(sql, [url(DEALER, 5)]);
      await sql`update vehicles set year = 1990, make = 'Saab', model = '900' where id = ${
        id ?? ""
      }`;
      const answer = await post("generate-vehicle-description", { vehicle_id: id });
      assert.equal(answer.body.success, true, JSON.stringify(answer.body));
      const words = (text: unknown) => String(text).split(/\s+/);
      assert.deepEqual(
        words((await held(id))?.description),
        words(site.truth(url(DEALER, 5))?.facts.description),
      );
    });

    await t.step(
      "generate-vehicle-description writes from facts held where the source states none",
      async () => {
        const [id] = await insertListings(sql, [url(DEALER, 6)]);
        site.setFault(url(DEALER, 6), { kind: "page_says", change: "without_description" });
        await sql`update vehicles set year = 1990, make = 'Saab', model = '900' where id = ${
          id ?? ""
        }`;
        await post("generate-vehicle-description", { vehicle_id: id });
        const vehicle = await held(id);
        assert.match(vehicle?.description, /1990 Saab 900/);
        assert.match(vehicle?.description_source, /^generated/);
      },
    );
  } finally {
    await world.close();
  }
});
