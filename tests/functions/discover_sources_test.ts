import assert from "node:assert/strict";
import { carOf, carPage, carUrl, gzipped, sitemapOf, xml } from "../support/car_sites.ts";
import { html, playSite, type SiteRequest } from "../support/site.ts";
import { startWorld } from "../support/world.ts";

const WALL = "<script>window._cf_chl_opt={}</script><title>Just a moment...</title>";
const COUNT = 60;
const cars = (site: string) => Array.from({ length: COUNT }, (_, n) => carOf(site, n));
const words = (text: string) =>
  html(`<h1>${text}</h1><p>${"Read more of it here. ".repeat(40)}</p>`);
const lastmod = (n: number) => `2026-01-${String(n % 28 + 1).padStart(2, "0")}`;

/** What each host answers to a path; anything else is 404. */
type Played = (url: URL) => Response | undefined;

function detail(host: string, url: URL): Response | undefined {
  const car = cars(host).find((one) => carUrl(host, one) === url.href);
  return car === undefined ? undefined : carPage(car);
}

function menu(host: string): Response {
  return html(
    `<h1>Welcome</h1><a href="/about">About us</a><a href="/inventory">Our inventory</a>${
      "<p>We sell fine cars.</p>".repeat(20)
    }<footer>${host}</footer>`,
  );
}

const SITES: Record<string, Played> = {
  "sitemap.test": (url) => {
    const host = "sitemap.test";
    if (url.pathname === "/") return menu(host);
    if (url.pathname === "/maps/index.xml") {
      return xml(
        `<sitemapindex><sitemap><loc>https://${host}/maps/pages.xml</loc></sitemap><sitemap><loc>https://${host}/maps/vehicles.xml.gz</loc></sitemap></sitemapindex>`,
      );
    }
    if (url.pathname === "/maps/vehicles.xml.gz") {
      return gzipped(sitemapOf(cars(host).map((car) => carUrl(host, car)), lastmod));
    }
    return detail(host, url);
  },
  "feed.test": (url) => {
    const host = "feed.test";
    if (url.pathname === "/") {
      return html(
        `<link rel="alternate" type="application/rss+xml" href="/cars.rss"><h1>Cars</h1>${
          "<p>See our feed.</p>".repeat(30)
        }`,
      );
    }
    if (url.pathname === "/cars.rss") {
      const items = cars(host).map((car) =>
        `<item><title>${car.year} ${car.make} ${car.model}</title><link>${
          carUrl(host, car)
        }</link></item>`
      );
      return xml(
        `<rss version="2.0"><channel><title>Cars</title>${items.join("")}</channel></rss>`,
      );
    }
    return detail(host, url);
  },
  "list.test": (url) => {
    const host = "list.test";
    if (url.pathname === "/") return menu(host);
    if (url.pathname === "/inventory") {
      const links = cars(host).map((car) =>
        `<li><a href="${
          carUrl(host, car)
        }">${car.year} ${car.make} ${car.model}</a> $${car.price}</li>`
      );
      return html(`<h1>Inventory</h1><ul>${links.join("")}</ul>`);
    }
    return detail(host, url);
  },
  "wall.test": () => html(WALL),
  "blog.test": (url) =>
    url.pathname === "/"
      ? html(
        ["spring", "summer", "autumn", "winter", "tyres"].map((name, n) =>
          `<a href="/stories/${name}-${n}">${name}</a>`
        ).join(""),
      )
      : url.pathname.startsWith("/stories/")
      ? words("A story about driving")
      : undefined,
  "liar.test": (url) => {
    const host = "liar.test";
    if (url.pathname === "/sitemap.xml") {
      return xml(sitemapOf(cars(host).map((car) => carUrl(host, car)), lastmod));
    }
    if (url.pathname === "/") return menu(host);
    return url.pathname.startsWith("/inventory/") ? carPage(carOf(host, 3)) : undefined;
  },
  "down.test": () => new Response("down", { status: 503 }),
  "moved.test": () => Response.redirect("https://list.test/", 301),
};

Deno.test("discover-sources", async (t) => {
  await using front = playSite((request: SiteRequest) =>
    SITES[request.url.hostname]?.(request.url) ?? new Response("not found", { status: 404 })
  );
  front.robots = ({ url }) =>
    new Response(
      url.hostname === "forbids.test"
        ? "User-agent: *\nDisallow: /"
        : url.hostname === "sitemap.test"
        ? "Sitemap: https://sitemap.test/maps/index.xml\nsitemap: https://elsewhere.test/map.xml"
        : "",
      { headers: { "content-type": "text/plain" } },
    );
  const world = await startWorld({
    site: { counts: {} },
    functionEnv: { SOURCE_MIRROR_URL: front.mirrorUrl },
  });
  const { sql, post } = world;
  const hosts = [...Object.keys(SITES), "forbids.test"];
  const states = async () =>
    Object.fromEntries(
      (await sql`
        select hosts[1] as host, lifecycle, lifecycle_reason from scrape_sources where found_by = 'operator'`)
        .map((
          { host, lifecycle, lifecycle_reason },
        ) => [host, `${lifecycle}: ${lifecycle_reason}`]),
    );
  const asked = (host: string) =>
    [...front.requests, ...front.robotsRequests].filter(({ url }) => url.hostname === host).length;

  try {
    for (const host of hosts) await sql`select add_source_candidate(${`https://${host}/`})`;

    await t.step("a dry run names the hosts and asks none", async () => {
      const { body } = await post("discover-sources", { dry_run: true, limit: 20 });
      assert.deepEqual(
        body.probes.map(({ host }: { host: string }) => host).sort(),
        hosts.toSorted(),
      );
      assert.equal(front.requests.length, 0);
    });

    await t.step("each site comes to what it earns", async () => {
      const answer = await post("discover-sources", { limit: 20, max_runtime_ms: 60_000 });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      const now = await states();
      assert.match(now["sitemap.test"] ?? "", /^probation: 5 of 5 pages at \/inventory\/\{coded\}/);
      assert.match(now["feed.test"] ?? "", /^probation: /);
      assert.match(now["list.test"] ?? "", /^probation: /);
      assert.match(now["wall.test"] ?? "", /^retired: it refuses machines/);
      assert.match(now["forbids.test"] ?? "", /^rejected: its robots.txt forbids/);
      assert.match(now["blog.test"] ?? "", /^retired: /);
      assert.match(now["liar.test"] ?? "", /^rejected: the VIN .* stands on two pages/);
      assert.match(now["down.test"] ?? "", /^candidate: .* did not answer/);
      assert.match(now["moved.test"] ?? "", /^rejected: it leads to another site: list.test/);
    });

    await t.step("no site is asked more than ten times, a wall and a forbidden one hardly", () => {
      for (const host of hosts) {
        assert.ok(asked(host) <= 10 + (host === "list.test" ? 2 : 0), `${host}: ${asked(host)}`);
      }
      assert.ok(asked("wall.test") <= 2);
      assert.equal(asked("forbids.test"), 1);
    });

    await t.step(
      "where each lists what it sells is a feed, and how its pages are called is known",
      async () => {
        const feeds = await sql`
        select source, kind, url from listing_feeds where source like '%\_test' order by source, kind`;
        assert.deepEqual(feeds.map(({ source, kind, url }) => [source, kind, url]), [
          ["feed_test", "rss", "https://feed.test/cars.rss"],
          ["list_test", "index", "https://list.test/inventory"],
          ["sitemap_test", "sitemap", "https://sitemap.test/maps/index.xml"],
        ]);
        const patterns = await sql`
        select distinct pattern from source_address_patterns where is_listing`;
        assert.deepEqual(patterns.map(({ pattern }) => pattern), ["/inventory/{coded}"]);
      },
    );

    await t.step(
      "a host that a robots.txt names is a candidate, and so are known sites",
      async () => {
        const [found] =
          await sql`select found_by from scrape_sources where 'elsewhere.test' = any (hosts)`;
        assert.equal(found?.found_by, "feed_link");
        const [known] =
          await sql`select count(*)::int from scrape_sources where found_by = 'known_list'`;
        assert.ok(known?.count > 50);
      },
    );

    await t.step("what was decided today is not asked again today", async () => {
      front.reset();
      front.answer = ({ url }) => SITES[url.hostname]?.(url) ?? new Response("", { status: 404 });
      await sql`update scrape_sources set is_active = false where found_by in ('known_list', 'feed_link')`;
      const { body } = await post("discover-sources", { limit: 20 });
      assert.deepEqual(body.probes, []);
      assert.equal(front.requests.length, 0);
    });
    await t.step("a probe whose worker died goes on where its requests stand", async () => {
      await sql`select add_source_candidate('https://again.test/')`;
      SITES["again.test"] = (url) => {
        const host = "again.test";
        if (url.pathname === "/") return menu(host);
        if (url.pathname === "/sitemap.xml") {
          return xml(sitemapOf(cars(host).map((car) => carUrl(host, car)), lastmod));
        }
        return detail(host, url);
      };
      const [claimed] = (await sql`select claim_source_probes(1) as probes`)[0]?.probes ?? [];
      assert.equal(claimed?.host, "again.test");
      const home = "https://again.test/";
      const record = (answer: object | null, next: object) =>
        sql`select record_source_probe(${claimed.id}, ${claimed.lease_token},
          ${answer === null ? null : JSON.stringify(answer)}::text::jsonb, ${
          JSON.stringify(next)
        }::text::jsonb)`;
      await record(null, { role: "home", url: home });
      const place = { outcome: "ok", url: home, result: { links: [], lists: [], sitemaps: [] } };
      await record(place, { role: "sitemap", url: `${home}sitemap.xml` });
      await sql`update source_probes set lease_expires_at = now() where id = ${claimed.id}`; // it died here
      front.reset();
      front.answer = ({ url }) => SITES[url.hostname]?.(url) ?? new Response("", { status: 404 });
      const { body } = await post("discover-sources", { limit: 1 });
      assert.match(body.probes[0]?.lifecycle, /probation/, JSON.stringify(body));
      assert.ok(
        front.requests.every(({ url }) => url.href !== home),
        "its home page was asked already",
      );
      const [late] =
        await sql`select record_source_probe(${claimed.id}, ${claimed.lease_token}, null, null) as held`;
      assert.equal(late?.held, false);
    });

    await t.step(
      "by hand a source that passed waits, and its feeds are not checked before a word",
      async () => {
        await sql`update fill_policy set approve_sources = 'by_hand'`;
        SITES["hand.test"] = (url) => {
          const host = "hand.test";
          if (url.pathname === "/") return menu(host);
          if (url.pathname === "/sitemap.xml") {
            return xml(sitemapOf(cars(host).map((car) => carUrl(host, car)), lastmod));
          }
          return detail(host, url);
        };
        await sql`select add_source_candidate('https://hand.test/')`;
        await post("discover-sources", { limit: 1 });
        const [waits] = await sql`select * from source_candidates_to_review`;
        assert.equal(waits?.host, "hand.test");
        assert.equal(waits?.read.length, 5);
        assert.equal(
          (await post("discover-sources", { limit: 1, dry_run: true })).body.probes.length,
          0,
        );
        const due = async () =>
          (await sql`select count(*)::int from jsonb_array_elements(preview_listing_feeds(100)) f
          where f ->> 'source' = 'hand_test'`)[0]?.count;
        assert.equal(await due(), 0);
        await sql.unsafe(waits?.to_approve);
        assert.equal(await due(), 1);
        assert.match((await states())["hand.test"] ?? "", /^probation: approved by an operator/);
      },
    );

    await t.step(
      "in a cycle no more are probed than the policy says, however many ask",
      async () => {
        await sql`update fill_policy set new_sources_ceiling = 2`;
        for (
          let n = 0;
          n < 6;
          n++
        ) await sql`select add_source_candidate(${`https://more-${n}.test/`})`;
        const claims = await Promise.all(
          Array.from(
            { length: 4 },
            () => sql`select jsonb_array_length(claim_source_probes(3, 'cycle-1')) as n`,
          ),
        );
        assert.equal(
          claims.reduce((sum, [one]) => sum + one?.n, 0),
          2,
        );
      },
    );

    await t.step(
      "from probation to active: fifty cars come in, twenty at a time, none too sure",
      async () => {
        await sql`update scrape_sources set is_active = false where slug <> 'sitemap_test' and found_by <> 'code'`;
        await sql`update listing_feeds set enabled = false where source <> 'sitemap_test'`;
        const read = async () =>
          (await sql`select private.listings_of('{sitemap.test}', 1000) as n`)[0]?.n;
        const sizes: number[] = [];
        for (
          let round = 0;
          round < 8 && !(await states())["sitemap.test"]?.startsWith("active");
          round++
        ) {
          await sql`update listing_feeds set next_check_at = now() where source = 'sitemap_test' and enabled`;
          await post("discover-listings", { batch_size: 50 });
          await post("process-import-queue", { batch_size: 50 });
          sizes.push(await read());
          const sure = await sql`
          select max((f.value ->> 'confidence')::numeric) as most
          from vehicles v cross join jsonb_each(v.field_state) f where v.source_host = 'sitemap.test'`;
          assert.ok(Number(sure[0]?.most) <= 0.79);
          await sql`select review_sources(null)`;
        }
        assert.deepEqual(sizes, [0, 20, 40, 50], JSON.stringify(await states()));
        assert.match((await states())["sitemap.test"] ?? "", /^active: 50 of its listings/);
        await sql`update listing_feeds set next_check_at = now() where source = 'sitemap_test'`;
        await post("discover-listings", { batch_size: 50 });
        const [waiting] =
          await sql`select count(*)::int from import_queue where status = 'pending'`;
        assert.equal(waiting?.count, COUNT - 50);
      },
    );
  } finally {
    await world.close();
  }
});
