import assert from "node:assert/strict";
import { statuses } from "../support/steps.ts";
import { changedTables, everything, startWorld } from "../support/world.ts";

const HOST = "bringatrailer.com";

Deno.test("import-bat-listing: one listing is one vehicle", async (t) => {
  const world = await startWorld({
    site: { counts: { [HOST]: 40 }, nonVehicles: 10, relistings: 2, images: [3, 3] },
  });
  const { site, sql, post } = world;
  const extras = site.catalogue.extras();
  const relisted = new Set(extras.flatMap(({ relistingOf }) => relistingOf ?? []));
  const once = Array.from({ length: 40 }, (_, index) => site.catalogue.at(HOST, index)?.url ?? "")
    .filter((url) => !relisted.has(url));
  /** Auctions of cars that are offered once. */
  const urlOf = (index: number) => once[index] ?? "";
  const vehicles = async () => (await sql`select count(*)::int as n from vehicles`)[0]?.n;
  const imageCount = (url: string) => site.truth(url)?.images.length ?? 0;
  try {
    await t.step("a dry run says what would become of a listing and writes nothing", async () => {
      const before = await everything(sql);
      const answer = await post("import-bat-listing", { url: urlOf(0), dry_run: true });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.equal(answer.body.created, true);
      assert.equal(answer.body.vehicle_id, null);
      assert.equal(answer.body.changes.make.new, site.truth(urlOf(0))?.facts.make);
      assert.deepEqual(await changedTables(sql, before), [
        "private.host_metrics",
        "public.scraping_health",
        "public.source_hosts",
      ]);
      site.clearLog();
    });

    let first = "";
    await t.step(
      "a URL goes in, a vehicle comes out, step by step, with one fetch of its page",
      async () => {
        const url = urlOf(0);
        const truth = site.truth(url);
        const { status, body } = await post("import-bat-listing", { url });
        assert.equal(status, 200);
        assert.equal(body.success, true, JSON.stringify(body));
        assert.deepEqual([body.created, body.relisting, body.queued], [true, false, false]);
        assert.deepEqual(statuses(body.steps), {
          extract_data: "success",
          extract_vin: truth?.facts.vin ? "success" : "skipped",
          extract_images: "success",
          extract_comments: "success",
          backfill_images: "success",
        });
        const ways = await sql`
          select count(*)::int as facts, count(reading_way)::int as with_way
          from extraction_metadata where vehicle_id = ${body.vehicle_id}`;
        assert.ok(ways[0]?.facts > 5);
        assert.equal(ways[0]?.with_way, ways[0]?.facts, "each fact says how it was read");
        for (const step of body.steps) {
          assert.deepEqual(Object.keys(step).sort(), [
            "duration_ms",
            "error_message",
            "outcome_code",
            "status",
            "step_name",
          ]);
        }
        first = body.vehicle_id;
        const [vehicle] = await sql`select * from vehicles where id = ${first}`;
        assert.equal(vehicle?.vin, truth?.facts.vin ?? null);
        assert.equal(vehicle?.origin_metadata.image_count, imageCount(url));
        const [held] = await sql`
          select
            (select count(*)::int from vehicle_images where vehicle_id = ${first}) as images,
            (select count(*)::int from auction_bids b join auction_events e on e.id = b.auction_event_id
              where e.vehicle_id = ${first}) as bids,
            (select count(*)::int from auction_comments c join auction_events e on e.id = c.auction_event_id
              where e.vehicle_id = ${first}) as comments`;
        assert.deepEqual({ ...held }, {
          images: imageCount(url),
          bids: truth?.auction?.bidCount,
          comments: truth?.auction?.commentCount,
        });
        assert.equal(site.count(url), 1);
        const steps = await sql`
          select step_name, status, outcome_code, duration_ms, source, url
          from scrape_steps where vehicle_id = ${first}`;
        assert.deepEqual(
          statuses(steps as Iterable<{ step_name: string; status: string }>),
          statuses(body.steps),
        );
        assert.ok(steps.every((step) => step.source === HOST && step.url === url));
        const data = steps.find((step) => step.step_name === "extract_data");
        assert.ok(data?.duration_ms > 0);
      },
    );

    await t.step("nobody is asked to read that page again", async () => {
      const [due] = await sql`
        select
          (select count(*)::int from bat_extraction_queue where status <> 'complete') as bat,
          (select count(*)::int from micro_scrape_state where state = 'due') as micro,
          (select count(*)::int from scrape_retry_queue) as retries`;
      assert.deepEqual({ ...due }, { bat: 0, micro: 0, retries: 0 });
    });

    await t.step(
      "an address that has changed leads to the same vehicle, asked for or from the queue",
      async () => {
        const former = (url: string) => url.replace("/listing/", "/listing/formerly-");
        site.setFault(former(urlOf(0)), { kind: "redirect", to: urlOf(0), status: 301 });
        const { body } = await post("import-bat-listing", {
          url: former(urlOf(0)),
          download_images: false,
        });
        assert.deepEqual([body.outcome, body.created, body.vehicle_id], ["ok", false, first]);
        await sql`insert into import_queue (listing_url) values (${former(urlOf(0))})`;
        const queued = await post("process-import-queue");
        assert.deepEqual([queued.body.known, queued.body.created], [1, 0]);
        assert.equal(queued.body.results[0].vehicle_id, first);
        await sql`delete from import_queue where vehicle_id = ${first}`;
        site.setFault(former(urlOf(0)), null);
        site.clearLog();
      },
    );

    await t.step("importing twice, in any spelling, gives the same vehicle", async () => {
      const url = urlOf(0);
      const bare = url.replace(/\/$/, "");
      const before = await everything(sql);
      for (
        const spelling of [
          url,
          bare,
          bare.replace("https://", "http://"),
          bare.replace("https://", "https://www."),
          url.replace(HOST, "BringATrailer.com"),
          `${url}?utm_source=newsletter&fbclid=abc#comments`,
        ]
      ) {
        site.clearLog();
        const { body } = await post("import-bat-listing", { url: spelling });
        assert.equal(body.success, true, JSON.stringify(body));
        assert.deepEqual([body.vehicle_id, body.created], [first, false], spelling);
        assert.equal(site.count(url), 1, spelling);
        assert.equal(site.requests.length, 1, `${spelling}: no image is asked for again`);
      }
      assert.equal(await vehicles(), 1);
      const after = await everything(sql);
      for (
        const name of ["vehicle_images", "auction_bids", "auction_comments", "image_downloads"]
      ) {
        assert.deepEqual(after[`public.${name}`], before[`public.${name}`], name);
      }
    });

    await t.step("eight calls at once with eight spellings make one vehicle", async () => {
      const url = urlOf(1);
      const bare = url.replace(/\/$/, "");
      const spellings = [
        url,
        bare,
        bare.replace("https://", "http://"),
        bare.replace("https://", "https://www."),
        url.replace(HOST, HOST.toUpperCase()),
        `${url}?utm_medium=x`,
        `${url}#bids`,
        bare.replace("https://", "HTTP://WWW."),
      ];
      const answers = await Promise.all(
        spellings.map((spelling) => post("import-bat-listing", { url: spelling })),
      );
      const ids = new Set(answers.map(({ body }) => body.vehicle_id));
      assert.equal(ids.size, 1, JSON.stringify(answers.map(({ body }) => body.error)));
      assert.ok(!ids.has(null));
      assert.equal(answers.filter(({ body }) => body.created).length, 1);
      assert.ok(answers.every(({ body }) => body.success));
      assert.equal(await vehicles(), 2);
      const [held] = await sql`
        select count(*)::int as images from vehicle_images where vehicle_id = ${[...ids][0]}`;
      assert.equal(held?.images, imageCount(url));
    });

    await t.step("a relisting is a second auction of the same vehicle", async () => {
      const again = extras.find((listing) => listing.relistingOf);
      assert.ok(again?.relistingOf, "the site has a relisting");
      const original = await post("import-bat-listing", { url: again.relistingOf });
      const count = await vehicles();
      const { body } = await post("import-bat-listing", { url: again.url });
      assert.equal(body.success, true, JSON.stringify(body));
      assert.deepEqual([body.vehicle_id, body.created, body.relisting], [
        original.body.vehicle_id,
        false,
        true,
      ]);
      assert.equal(await vehicles(), count);
      const events = await sql`
        select source_url, outcome from auction_events where vehicle_id = ${body.vehicle_id}
        order by ends_at`;
      assert.deepEqual(events.map((event) => event.outcome), [
        site.truth(again.relistingOf)?.auction?.outcome,
        site.truth(again.url)?.auction?.outcome,
      ]);
      const [vehicle] = await sql`select * from vehicles where id = ${body.vehicle_id}`;
      assert.equal(vehicle?.sale_status, site.truth(again.url)?.auction?.outcome);
      assert.equal(vehicle?.listing_url, again.url);

      // The first listing once more: its own auction, and the vehicle stays on the later one.
      const back = await post("import-bat-listing", { url: again.relistingOf });
      assert.deepEqual([back.body.vehicle_id, back.body.created, back.body.relisting], [
        body.vehicle_id,
        false,
        false,
      ]);
      const [still] = await sql`select * from vehicles where id = ${body.vehicle_id}`;
      assert.equal(still?.sale_status, site.truth(again.url)?.auction?.outcome);
      assert.equal(still?.listing_url, again.url);
    });

    await t.step("two imports at once of both listings of a car make one vehicle", async () => {
      const again = extras.filter((listing) => listing.relistingOf)[1];
      assert.ok(again?.relistingOf);
      const count = await vehicles();
      const answers = await Promise.all(
        [again.relistingOf, again.url].map((url) => post("import-bat-listing", { url })),
      );
      assert.equal(new Set(answers.map(({ body }) => body.vehicle_id)).size, 1);
      assert.equal(await vehicles(), count + 1);
      const [row] = await sql`
        select count(*)::int as n from auction_events
        where vehicle_id = ${answers[0]?.body.vehicle_id}`;
      assert.equal(row?.n, 2);
    });

    await t.step(
      "signs, wheels, parts and models are recorded as no vehicle, with why",
      async () => {
        const nonVehicles = extras.filter((listing) => listing.nonVehicle).map((listing) =>
          listing.url
        );
        assert.equal(nonVehicles.length, 10);
        const count = await vehicles();
        const { body } = await post("import-bat-listing", { urls: nonVehicles });
        assert.equal(body.success, false);
        assert.deepEqual(
          body.results.map((one: { outcome: string }) => one.outcome),
          nonVehicles.map(() => "not_a_listing"),
        );
        assert.equal(await vehicles(), count);
        const rows = await sql`
        select listing_url, status, outcome_code, error_message, vehicle_id from import_queue
        where outcome_code = 'not_a_listing'`;
        assert.deepEqual(rows.map((row) => row.listing_url).sort(), nonVehicles.sort());
        for (const row of rows) {
          assert.deepEqual([row.status, row.vehicle_id], ["failed", null]);
          assert.match(row.error_message, /no vehicle/);
        }
        const again = await post("import-bat-listing", { url: nonVehicles[0] });
        assert.equal(again.body.outcome, "not_a_listing");
        assert.equal(again.body.queued, false);
        const [found] = await sql`select count(*)::int as n from import_queue`;
        assert.equal(found?.n, nonVehicles.length);
      },
    );

    await t.step("every mistake of a body is named, and nothing is asked for", async () => {
      site.clearLog();
      const { status, body } = await post("import-bat-listing", {
        urls: [urlOf(2), "https://ebay.com/itm/1", "no url", `https://${HOST}/auctions/`],
        download_images: "yes",
        batch: 1,
      });
      assert.equal(status, 400);
      const said = new Map(
        body.mistakes.map((one: { path: string; message: string }) => [one.path, one.message]),
      );
      assert.deepEqual([...said.keys()].sort(), [
        "",
        "download_images",
        "urls.1",
        "urls.2",
        "urls.3",
      ]);
      assert.match(String(said.get("urls.1")), /not a listing on bringatrailer\.com/);
      assert.match(String(said.get("urls.2")), /not a URL/);
      assert.match(String(said.get("")), /batch/);
      for (
        const wrong of [{}, { url: urlOf(2), urls: [urlOf(3)] }, { url: "http://localhost/x" }, {
          urls: [],
        }]
      ) {
        assert.equal((await post("import-bat-listing", wrong)).status, 400, JSON.stringify(wrong));
      }
      const many = Array.from({ length: 21 }, (_, index) => urlOf(index));
      assert.equal((await post("import-bat-listing", { urls: many })).status, 400);
      assert.equal(site.requests.length, 0);
    });

    await t.step(
      "several URLs at once, the same one twice: each page is fetched once",
      async () => {
        site.clearLog();
        const urls = [urlOf(5), urlOf(6), urlOf(5).replace("https://", "http://www.")];
        const { body } = await post("import-bat-listing", { urls });
        assert.equal(body.success, true, JSON.stringify(body));
        assert.equal(body.results.length, 3);
        assert.equal(body.results[0].vehicle_id, body.results[2].vehicle_id);
        assert.notEqual(body.results[0].vehicle_id, body.results[1].vehicle_id);
        assert.deepEqual([site.count(urlOf(5)), site.count(urlOf(6))], [1, 1]);
      },
    );
  } finally {
    await world.close();
  }
});
