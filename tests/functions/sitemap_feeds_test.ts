import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { carOf, carUrl, sitemapOf, xml } from "../support/car_sites.ts";
import { html, playSite, type SiteRequest } from "../support/site.ts";
import { startWorld } from "../support/world.ts";

const HOST = "cars.test";
const INDEX = `https://${HOST}/sitemap.xml`;
const PAGES = `https://${HOST}/inventory.xml`;
const cars = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => carUrl(HOST, carOf(HOST, from + n)));
const day = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString();

Deno.test("sitemaps are feeds", async (t) => {
  const answers = new Map<string, (request: SiteRequest) => Response>();
  await using front = playSite((request) =>
    answers.get(request.url.href)?.(request) ?? new Response("not found", { status: 404 })
  );
  const world = await startWorld({
    site: { counts: {} },
    functionEnv: { SOURCE_MIRROR_URL: front.mirrorUrl },
  });
  const { sql, post } = world;
  const check = async (url: string) =>
    (await post("discover-listings", { urls: [url] })).body.feeds[0];
  const queued = async () =>
    (await sql`select listing_url from import_queue where listing_url like ${`https://${HOST}/%`}
      order by created_at, listing_url`).map(({ listing_url }) => listing_url);
  const feed = async (url: string) =>
    (await sql`select * from listing_feeds where url = ${url}`)[0];
  const serveMap = (url: string, body: string, etag: string) =>
    answers.set(
      url,
      ({ headers }) =>
        headers.get("if-none-match") === etag
          ? new Response(null, { status: 304 })
          : new Response(body, { headers: { "content-type": "application/xml", etag } }),
    );

  try {
    await sql`select add_source_candidate(${`https://${HOST}/`})`;
    await sql`
      insert into source_address_patterns (source_id, pattern, is_listing)
      select id, '/inventory/{coded}', true from scrape_sources where slug = 'cars_test'`;
    await sql`update scrape_sources set lifecycle = 'active' where slug = 'cars_test'`;
    await sql`insert into listing_feeds (source, url, kind) values ('cars_test', ${INDEX}, 'sitemap')`;

    await t.step(
      "an index makes feeds of its sitemaps, of no other host and not of itself",
      async () => {
        serveMap(
          INDEX,
          `<sitemapindex>${
            [PAGES, INDEX, "https://other.test/map.xml"].map((url) =>
              `<sitemap><loc>${url}</loc><lastmod>2026-01-01</lastmod></sitemap>`
            ).join("")
          }</sitemapindex>`,
          '"i1"',
        );
        const { outcome, found } = await check(INDEX);
        assert.deepEqual([outcome, found], ["ok", 0]);
        const feeds = await sql`
        select url, kind, source, sitemap_level from listing_feeds where source = 'cars_test' order by url`;
        assert.deepEqual(feeds.map((one) => [one.url, one.kind, one.sitemap_level]), [
          [PAGES, "sitemap", 1],
          [INDEX, "sitemap", 0],
        ]);
      },
    );

    await t.step(
      "listings are queued newest first, a portion at a time, and nothing else is",
      async () => {
        const urls = cars(1_500);
        serveMap(
          PAGES,
          sitemapOf([
            ...urls,
            `https://${HOST}/about-2`,
            `https://${HOST}/blog/1`,
            "https://other.test/inventory/1",
          ], day),
          '"p1"',
        );
        const first = await check(PAGES);
        assert.deepEqual([first.outcome, first.found, first.queued], ["ok", 1_500, 1_000]);
        assert.deepEqual((await queued()).toSorted(), urls.slice(500).toSorted());
        assert.equal((await feed(PAGES))?.validators, null); // the rest is asked for again
        const second = await check(PAGES);
        assert.deepEqual([second.queued, second.known], [500, 1_000]);
        assert.equal((await queued()).length, 1_500);
      },
    );

    await t.step(
      "an unchanged sitemap costs nothing, a changed one gives what is new",
      async () => {
        const third = await check(PAGES);
        assert.deepEqual([third.outcome, third.queued], ["not_modified", 0]);
        serveMap(PAGES, sitemapOf(cars(1_502), day), '"p2"');
        const fourth = await check(PAGES);
        assert.deepEqual([fourth.queued, fourth.known], [2, 1_500]);
      },
    );

    await t.step("a sitemap that its index says has changed is due at once", async () => {
      await sql`update listing_feeds set next_check_at = now() + interval '1 day' where url = ${PAGES}`;
      serveMap(
        INDEX,
        `<sitemapindex><sitemap><loc>${PAGES}</loc><lastmod>${
          new Date(Date.now() + 60_000).toISOString()
        }</lastmod></sitemap></sitemapindex>`,
        '"i2"',
      );
      await check(INDEX);
      assert.ok((await feed(PAGES))?.next_check_at <= new Date());
    });

    await t.step("in probation no more is queued than is allowed", async () => {
      await sql`delete from import_queue`;
      await sql`
        update scrape_sources set lifecycle = 'probation', listings_allowed = 20 where slug = 'cars_test'`;
      await sql`update listing_feeds set validators = null where url = ${PAGES}`;
      assert.equal((await check(PAGES)).queued, 20);
      assert.equal((await check(PAGES)).queued, 0);
      await sql`update listing_feeds set next_check_at = now()`;
      const due = await sql`select jsonb_array_length(preview_listing_feeds(100)) as count`;
      const others = await sql`
        select count(*)::int from listing_feeds where enabled and source is distinct from 'cars_test'`;
      assert.equal(due[0]?.count, others[0]?.count);
      await sql`
        update scrape_sources set lifecycle = 'active', listings_allowed = null where slug = 'cars_test'`;
    });

    await t.step("ten levels of sitemaps are followed three deep", async () => {
      const level = (n: number) => `https://${HOST}/level-${n}.xml`;
      for (let n = 0; n < 10; n++) {
        serveMap(
          level(n),
          `<sitemapindex><sitemap><loc>${level(n + 1)}</loc></sitemap></sitemapindex>`,
          `"l${n}"`,
        );
      }
      await sql`insert into listing_feeds (source, url, kind) values ('cars_test', ${
        level(0)
      }, 'sitemap')`;
      for (let n = 0; n < 3; n++) await check(level(n));
      const deep = await sql`select url from listing_feeds where url like '%/level-%' order by url`;
      assert.deepEqual(deep.map(({ url }) => url), [level(0), level(1), level(2)]);
    });

    await t.step(
      "50 MB, a bomb and a million addresses of another host end, and harm nothing",
      async () => {
        const big = "x".repeat(50_000_000);
        const own = `<url><loc>${cars(1, 9_000)[0]}</loc></url>`;
        const foreign = "<url><loc>https://other.test/inventory/car-1</loc></url>".repeat(
          1_000_000,
        );
        const hostile: [string, () => Response][] = [
          ["big", () => xml(`<urlset>${own}<!--${big}--></urlset>`)],
          ["foreign", () => xml(`<urlset>${own}${foreign}</urlset>`)],
          ["bomb", () =>
            new Response(
              new Uint8Array(gzipSync(`<urlset>${own}${" ".repeat(100_000_000)}`, { level: 1 })),
              { headers: { "content-type": "application/gzip" } },
            )],
          ["packed", () =>
            new Response(
              new Uint8Array(gzipSync(`<urlset>${own}${" ".repeat(100_000_000)}`, { level: 1 })),
              { headers: { "content-type": "application/xml", "content-encoding": "gzip" } },
            )],
        ];
        for (const [name, answer] of hostile) {
          const url = `https://${HOST}/${name}.xml`;
          answers.set(url, answer);
          await sql`insert into listing_feeds (source, url, kind) values ('cars_test', ${url}, 'sitemap')`;
          const begun = performance.now();
          const { outcome, found, queued } = await check(url);
          assert.deepEqual([outcome, found], ["ok", 1], name);
          assert.ok(queued <= 1 && performance.now() - begun < 15_000, name);
        }
      },
    );

    await t.step(
      "a page under a sitemap's address is none, and a feed of nobody works by what is likely",
      async () => {
        answers.set(`https://${HOST}/none.xml`, () => html("Not found"));
        answers.set(
          "https://plain.test/sitemap.xml",
          () =>
            xml(sitemapOf([
              ...cars(8).map((url) => url.replace(HOST, "plain.test")),
              "https://plain.test/blog/a-1",
            ], day)),
        );
        await sql`
        insert into listing_feeds (url, kind) values (${`https://${HOST}/none.xml`}, 'sitemap'),
          ('https://plain.test/sitemap.xml', 'sitemap')`;
        assert.equal((await check(`https://${HOST}/none.xml`)).outcome, "not_an_index");
        assert.equal((await check("https://plain.test/sitemap.xml")).queued, 8);
      },
    );
  } finally {
    await world.close();
  }
});
