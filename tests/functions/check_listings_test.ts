import assert from "node:assert/strict";
import { html, playSite, type SiteRequest } from "../support/site.ts";
import { changedTables, everything, startWorld } from "../support/world.ts";

const NAME = "check-listings";
const CAR = "https://dealer.example/cars/1990-porsche-911";
const OTHER = "https://dealer.example/cars/1991-saab-900";
const LIST = "https://dealer.example/cars";

type Answer = (request: SiteRequest) => Response | Promise<Response>;

/** A dealer's page of one car. */
function page(name: string, url: string, price: number): string {
  const [year, brand = ""] = name.split(" ");
  return `<title>${name}</title><h1>${name}</h1><script type="application/ld+json">${
    JSON.stringify({
      "@context": "https://schema.org",
      "@type": ["Product", "Car"],
      name,
      url,
      brand: { "@type": "Brand", name: brand },
      vehicleModelDate: year,
      mileageFromOdometer: { "@type": "QuantitativeValue", value: 61000, unitCode: "SMI" },
      description: "Driven on Sundays only, with a folder of bills from its first day on.",
      offers: {
        "@type": "Offer",
        price,
        priceCurrency: "USD",
        availability: "https://schema.org/InStock",
      },
    })
  }</script>`;
}

/** The dealer's list, with the prices that it states; null: none. */
function list(cars: [name: string, url: string, price: number | null][]): string {
  return `<title>Cars</title>${
    cars.map(([name, url, price]) =>
      `<script type="application/ld+json">${
        JSON.stringify({
          "@context": "https://schema.org",
          "@type": ["Product", "Car"],
          name,
          url,
          ...(price === null ? {} : { offers: { "@type": "Offer", price, priceCurrency: "USD" } }),
        })
      }</script>`
    ).join("")
  }`;
}

Deno.test(NAME, async (t) => {
  const answers = new Map<string, Answer>();
  await using front = playSite((request) =>
    answers.get(request.url.href)?.(request) ?? new Response("not found", { status: 404 })
  );
  const world = await startWorld({
    site: { counts: {} },
    functionEnv: { SOURCE_MIRROR_URL: front.mirrorUrl },
  });
  const { sql, post } = world;
  const stands = async (url: string) =>
    (await sql`select status, price::float, last_seen_at from vehicle_listings where listing_url = ${url}`)[
      0
    ];
  const check = async (url: string) =>
    (await sql`select * from listing_checks where listing_url = ${url}`)[0];
  /** As if so many hours had passed since everything. */
  const later = async (hours: number) => {
    const by = `${hours} hours`;
    await sql`update listing_checks set known_at = known_at - ${by}::interval, requeue_at = requeue_at - ${by}::interval`;
    await sql`
      update vehicle_listings
      set page_at = page_at - ${by}::interval, last_seen_at = last_seen_at - ${by}::interval,
        first_seen_at = first_seen_at - ${by}::interval, listed_at = listed_at - ${by}::interval`;
    await sql`
      update page_snapshots
      set fetched_at = fetched_at - ${by}::interval, last_seen_at = last_seen_at - ${by}::interval`;
    await sql`update listing_feeds set next_check_at = now(), validators = null`;
  };
  const serve = (name: string, url: string, price: number) =>
    answers.set(url, () => html(page(name, url, price)));
  const asked = () => front.requests.map(({ url }) => url.href);

  try {
    await t.step("a car that is imported for sale is looked at in time, not before", async () => {
      serve("1990 Porsche 911", CAR, 50_000);
      serve("1991 Saab 900", OTHER, 9_000);
      await sql`insert into import_queue (listing_url) values (${CAR}), (${OTHER})`;
      const { body } = await post("process-import-queue", {});
      assert.equal(body.imported, 2, JSON.stringify(body));
      assert.deepEqual({ ...await stands(CAR), last_seen_at: null }, {
        status: "for_sale",
        price: 50_000,
        last_seen_at: null,
      });
      front.requests.length = 0;
      const answer = await post(NAME, {});
      assert.deepEqual([answer.status, answer.body.processed, asked()], [200, 0, []]);
    });

    await t.step("its price drops twice", async () => {
      for (const price of [47_000, 44_500]) {
        serve("1990 Porsche 911", CAR, price);
        await later(50);
        const { body } = await post(NAME, {});
        assert.deepEqual(
          [body.processed, body.completed, body.changed, body.more_due],
          [2, 2, 1, false],
          JSON.stringify(body),
        );
        assert.equal((await stands(CAR))?.price, price);
        assert.ok((await check(CAR))?.requeue_at > Date.now() + 36e5);
      }
      const drops = await sql`
        select price_from::float, price::float from price_drops where listing_url = ${CAR} order by at`;
      assert.deepEqual(drops.map(({ price_from, price }) => [price_from, price]), [
        [50_000, 47_000],
        [47_000, 44_500],
      ]);
      const [looks] = await sql`
        select count(*)::int as count, count(*) filter (where changed)::int as changed from listing_looks`;
      assert.deepEqual({ ...looks }, { count: 4, changed: 2 });
    });

    await t.step("a site that says 'unchanged' has been looked at", async () => {
      answers.set(
        OTHER,
        ({ headers }) =>
          headers.get("if-none-match") === '"1"'
            ? new Response(null, { status: 304 })
            : html(page("1991 Saab 900", OTHER, 9_000), { headers: { etag: '"1"' } }),
      );
      await later(50);
      await post(NAME, {});
      await later(50);
      const before = Date.now();
      const { body } = await post(NAME, {});
      assert.deepEqual([body.processed, body.not_modified], [2, 1], JSON.stringify(body));
      assert.ok((await stands(OTHER))?.last_seen_at >= before - 1_000);
      assert.ok((await check(OTHER))?.requeue_at > Date.now() + 36e5);
      const [look] = await sql`select way, changed from listing_looks order by id desc limit 1`;
      const ways = await sql`select way from listing_looks where way = 'not_modified'`;
      assert.deepEqual([ways.length, look?.changed], [1, false]);
    });

    await t.step(
      "an index that names a car with its price is a look, another price makes it due",
      async () => {
        await sql`insert into listing_feeds (url, kind) values (${LIST}, 'index')`;
        answers.set(
          LIST,
          () => html(list([["1990 Porsche 911", CAR, 44_500], ["1991 Saab 900", OTHER, 8_500]])),
        );
        await later(50);
        front.requests.length = 0;
        const found = await post("discover-listings", { urls: [LIST] });
        assert.deepEqual([found.body.found, found.body.known], [2, 2], JSON.stringify(found.body));
        serve("1991 Saab 900", OTHER, 8_500);
        const { body } = await post(NAME, {});
        assert.deepEqual(
          body.results.map((one: { listing_url: string }) => one.listing_url),
          [OTHER],
        );
        assert.deepEqual(asked(), [LIST, OTHER]);
        assert.equal((await stands(OTHER))?.price, 8_500);
      },
    );

    await t.step("a host with new listings is asked for those first", async () => {
      await later(50);
      await sql`insert into import_queue (listing_url) values ('https://dealer.example/cars/new')`;
      front.requests.length = 0;
      assert.equal((await post(NAME, {})).body.processed, 0);
      assert.ok((await check(CAR))?.next_attempt_at > Date.now());
      await sql`delete from import_queue where listing_url like '%/new'`;
      await sql`update listing_checks set next_attempt_at = now() where status = 'pending'`;
      assert.equal((await post(NAME, {})).body.processed, 2);
    });

    await t.step("a site that fails ends no listing, and is asked again", async () => {
      await later(50);
      answers.set(CAR, () => new Response("", { status: 503 }));
      for (const status of ["pending", "pending", "failed"]) {
        await sql`update listing_checks set next_attempt_at = null where status = 'pending'`;
        await post(NAME, {});
        const row = await check(CAR);
        assert.deepEqual([row?.status, (await stands(CAR))?.status], [status, "for_sale"]);
        assert.ok((status === "failed" ? row?.requeue_at : row?.next_attempt_at) > Date.now());
      }
      await later(25);
      serve("1990 Porsche 911", CAR, 44_500);
      const { body } = await post(NAME, {});
      assert.equal(body.completed, 1, JSON.stringify(body));
      assert.equal((await check(CAR))?.failed_rounds, 0);
    });

    await t.step("a person looks: a dry run changes nothing, a run does at once", async () => {
      const [car] =
        await sql`select id, vehicle_id from vehicle_listings where listing_url = ${CAR}`;
      serve("1990 Porsche 911", CAR, 43_000);
      const before = await everything(sql);
      const dry = await post(NAME, { listing_ids: [Number(car?.id)], dry_run: true });
      assert.deepEqual(
        [dry.status, dry.body.processed, dry.body.changed, dry.body.results[0]?.status],
        [200, 1, 1, null],
        JSON.stringify(dry.body),
      );
      const changed = await changedTables(sql, before);
      assert.deepEqual(changed, [
        "private.host_metrics",
        "public.scraping_health",
        "public.source_hosts",
      ]);
      const run = await post(NAME, { vehicle_ids: [car?.vehicle_id] });
      assert.deepEqual([run.body.processed, run.body.completed], [1, 1], JSON.stringify(run.body));
      assert.equal((await stands(CAR))?.price, 43_000);
      const wrong = await post(NAME, {
        listing_ids: [999_999],
        vehicle_ids: ["00000000-0000-4000-8000-000000000001"],
      });
      assert.deepEqual(
        [wrong.status, wrong.body.mistakes.map(({ path }: { path: string }) => path)],
        [400, ["listing_ids.0", "vehicle_ids.0"]],
      );
    });

    await t.step("a car that vanishes is removed, and not looked at any more", async () => {
      await later(50);
      answers.delete(CAR);
      const { body } = await post(NAME, {});
      assert.deepEqual([body.processed, body.gone], [2, 1], JSON.stringify(body));
      assert.equal((await stands(CAR))?.status, "removed");
      assert.equal(await check(CAR), undefined);
      const events = await sql`
        select e.event from listing_events e join vehicle_listings l on l.id = e.listing_id
        where l.listing_url = ${CAR} order by e.id`;
      assert.deepEqual(events.map(({ event }) => event), [
        "seen",
        "price_changed",
        "price_changed",
        "price_changed",
        "removed",
      ]);
    });

    await t.step("freshness_status says how right the site is", async () => {
      const [row] = await sql`
        select source_host, listings::int, looks_not_modified_24h::int, looks_index_24h::int, changes_24h::int
        from freshness_status`;
      assert.deepEqual({ ...row }, {
        source_host: "dealer.example",
        listings: 1,
        looks_not_modified_24h: 1,
        looks_index_24h: 1,
        changes_24h: 5,
      });
    });
  } finally {
    await world.close();
  }
});
