import assert from "node:assert/strict";
import { corpusDir, corpusExists } from "../corpus/folder.ts";
import { html, playSite, type SiteRequest } from "../support/site.ts";
import { changedTables, everything, startWorld } from "../support/world.ts";
import { feeds } from "../../supabase/functions/_shared/sources/registry.ts";

const RESULTS = "https://bringatrailer.com/auctions/results/";
const WALLED = "https://carsandbids.com/rss.xml";
const GARBAGE = "https://greenville.craigslist.org/search/cta";
const SOLD = "Sold for USD $5,000 on 9/6/25";
const BID_TO = "Bid to USD $6,000 on 9/6/25";
const ENDED = 1757183566;
const WALL = "<script>window._cf_chl_opt={}</script><title>Just a moment...</title>";

/** A card as the site's own index has it, which the reader must not be asked about. */
interface Card {
  title: string;
  url: string;
  sold_text: string;
  timestamp_end: number;
}

/** An auction as a results page lists it. */
function card(slug: string, title: string, soldText: string, endsAt: number) {
  return {
    id: 7,
    title,
    url: `https://bringatrailer.com/listing/${slug}/`,
    sold_text: soldText,
    current_bid: 5000,
    currency: "USD",
    timestamp_end: endsAt,
    year: title.slice(0, 4),
  };
}

function results(...items: object[]): string {
  return `<html><head><title>Auction Results</title></head><body><div id="auctions"></div>
    <script>var auctionsCompletedInitialData = ${
    JSON.stringify({ items })
  };</script></body></html>`;
}

Deno.test("discover-listings", async (t) => {
  const answers = new Map<string, (request: SiteRequest) => Response | Promise<Response>>();
  await using front = playSite((request) =>
    answers.get(request.url.href)?.(request) ?? new Response("not found", { status: 404 })
  );
  const world = await startWorld({
    site: { counts: {} },
    functionEnv: { SOURCE_MIRROR_URL: front.mirrorUrl },
  });
  const { sql, post } = world;
  const feed = async (url: string) =>
    (await sql`select * from listing_feeds where url = ${url}`)[0];
  const queued = () => sql`select * from import_queue order by canonical_url`;
  const saved = async (file: string) =>
    await Deno.readTextFile(`${corpusDir}/bringatrailer/${file}`);
  const serve = (url: string, body: string, headers: Record<string, string> = {}) =>
    answers.set(
      url,
      () =>
        new Response(body, { headers: { "content-type": "text/html; charset=utf-8", ...headers } }),
    );

  try {
    await t.step("the feeds in code become rows, and what an operator changes stays", async () => {
      const answer = await post("discover-listings", { sync_only: true });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      const rows = await sql`select url, enabled from listing_feeds order by url`;
      assert.deepEqual(
        rows.map(({ url, enabled }) => [url, enabled]),
        feeds.map(({ url, enabled }) => [url, enabled]).sort(),
      );

      await sql`update listing_feeds set enabled = not enabled where url in (${WALLED}, ${GARBAGE})`;
      await sql`update listing_feeds set check_interval = '3 hours' where url = ${RESULTS}`;
      const changed = feeds.filter(({ url }) => url !== GARBAGE).map((one) => ({
        ...one,
        about: "in other words",
        interval_minutes: 45,
      }));
      await sql`select sync_listing_feeds(${JSON.stringify(changed)}::text::jsonb)`;
      assert.equal((await feed(WALLED))?.enabled, false);
      assert.equal((await feed(WALLED))?.check_interval, "00:45:00");
      assert.equal((await feed(RESULTS))?.check_interval, "03:00:00");
      assert.equal((await feed(RESULTS))?.about, "in other words");
      assert.equal(
        (await feed(GARBAGE))?.enabled,
        true,
        "no longer in code, wanted by an operator",
      );
      await sql`update listing_feeds set enabled = true, next_check_at = now()`;
    });

    await t.step(
      "a dry run says what would be queued, and changes hosts and health only",
      async () => {
        serve(
          RESULTS,
          results(
            card("1990-saab-900", "1990 Saab 900", SOLD, ENDED),
          ),
        );
        const before = await everything(sql);
        const answer = await post("discover-listings", { urls: [RESULTS], dry_run: true });
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        assert.deepEqual([answer.body.found, answer.body.queued], [1, 1]);
        assert.deepEqual(await changedTables(sql, before), [
          "private.host_metrics",
          "public.scraping_health",
          "public.source_hosts",
        ]);
      },
    );

    await t.step({
      name:
        "both saved result pages: each car one row, with title, price, kind and end; nothing that is no vehicle",
      ignore: !corpusExists,
      fn: async () => {
        const cards: Card[] = [];
        for (
          const [file, found] of [["results-2025-09.html", 35], [
            "results-2026-04.html",
            33,
          ]] as const
        ) {
          const page = await saved(file);
          serve(RESULTS, page);
          const [, json = ""] =
            /var auctionsCompletedInitialData\s*=\s*(\{.*?\});?\s*\n/s.exec(page) ?? [];
          cards.push(...JSON.parse(json).items);
          const answer = await post("discover-listings", { urls: [RESULTS] });
          assert.equal(answer.status, 200, JSON.stringify(answer.body));
          assert.deepEqual([answer.body.found, answer.body.queued], [found, found]);
          assert.equal(answer.body.feeds[0].outcome, "ok");
          assert.equal(answer.body.feeds[0].skipped_examples[0].why.length > 5, true);
        }
        assert.equal(cards.length, 72);
        const nonVehicles = ["wheels-for-ferrari", "tools-25", "style-65-wheels", "kiddie-ride"];
        const cars = cards.filter(({ url }) => !nonVehicles.some((slug) => url.includes(slug)));
        const rows = await queued();
        assert.deepEqual(
          rows.map((row) => row.listing_url).sort(),
          cars.map(({ url }) => url).sort(),
        );
        for (const row of rows) {
          const own = cars.find(({ url }) => url === row.listing_url);
          const [, verb, currency, amount = ""] =
            /^(Sold for|Bid to) ([A-Z]{3}) \D?([\d,]+)/.exec(own?.sold_text ?? "") ?? [];
          assert.equal(Number(row.listing_price), Number(amount.replaceAll(",", "")));
          assert.equal(row.price_kind, verb === "Sold for" ? "sale" : "bid");
          assert.equal(row.ends_at.getTime() / 1000, own?.timestamp_end);
          assert.equal(row.currency, currency);
          assert.ok(row.listing_title.length > 5);
          assert.equal(row.discovered_from, RESULTS);
          assert.equal(row.status, "pending");
        }
      },
    });

    await t.step({
      name: "the same pages again add nothing",
      ignore: !corpusExists,
      fn: async () => {
        const before = await queued();
        for (const file of ["results-2025-09.html", "results-2026-04.html"]) {
          serve(RESULTS, await saved(file));
          const answer = await post("discover-listings", { urls: [RESULTS] });
          assert.equal(answer.body.queued, 0);
          assert.equal(answer.body.known, answer.body.found);
          assert.ok(answer.body.found > 30);
        }
        assert.deepEqual(await queued(), before);
      },
    });

    await t.step("no snapshot of an index is kept", async () => {
      const [row] = await sql`select count(*)::int as count from page_snapshots`;
      assert.equal(row?.count, 0);
    });

    await t.step("a page that has not changed is not sent again", async () => {
      const page = results(
        card("1991-saab-900", "1991 Saab 900", BID_TO, ENDED),
      );
      answers.set(
        RESULTS,
        ({ headers }) =>
          headers.get("if-none-match") === '"v1"'
            ? new Response(null, { status: 304 })
            : html(page, { headers: { etag: '"v1"' } }),
      );
      const first = await post("discover-listings", { urls: [RESULTS] });
      assert.equal(first.body.queued, 1);
      const again = await post("discover-listings", { urls: [RESULTS] });
      assert.equal(again.body.feeds[0].outcome, "not_modified");
      assert.equal(again.body.failed, 0);
      const row = await feed(RESULTS);
      assert.deepEqual([row?.last_outcome, row?.last_found, row?.last_new, row?.failures], [
        "not_modified",
        1,
        0,
        0,
      ]);
    });

    await t.step("a feed behind a bot wall waits for hours; the others are read", async () => {
      answers.set(WALLED, () => html(WALL, { status: 403 }));
      answers.set(
        RESULTS,
        () =>
          html(
            results(
              card("1992-saab-900", "1992 Saab 900", BID_TO, ENDED),
            ),
          ),
      );
      const answer = await post("discover-listings", { urls: [WALLED, RESULTS] });
      assert.equal(answer.body.success, true);
      assert.deepEqual([answer.body.checked, answer.body.failed, answer.body.queued], [2, 1, 1]);
      const walled = answer.body.feeds.find((one: { url: string }) => one.url === WALLED);
      assert.equal(walled.outcome, "blocked");
      const [status] = await sql`
        select *, next_check_at - now() as wait from listing_feed_status where url = ${WALLED}`;
      assert.equal(status?.state, "failing");
      assert.match(status?.why, /bot wall/);
      assert.match(status?.what_to_do, /does not want to be read/);
      const [wait] = await sql`
        select next_check_at > now() + interval '5 hours' as hours from listing_feeds where url = ${WALLED}`;
      assert.equal(wait?.hours, true);
    });

    await t.step(
      "a page of garbage is no index: said so, nothing queued, tried again in an hour",
      async () => {
        answers.set(GARBAGE, () => html("<p>Welcome to nginx!</p>"));
        const before = await queued();
        const answer = await post("discover-listings", { urls: [GARBAGE] });
        const [one] = answer.body.feeds;
        assert.ok(["unreadable", "not_an_index"].includes(one.outcome), one.outcome);
        assert.ok(one.error.length > 5);
        assert.deepEqual(await queued(), before);
        const row = await feed(GARBAGE);
        assert.equal(row?.failures, 1);
        assert.ok(row?.next_check_at.getTime() > Date.now() + 50 * 60_000);
      },
    );

    await t.step("robots.txt is obeyed, and asked again after a day", async () => {
      const url = "https://walled.example/cars";
      front.robots = ({ url }) =>
        url.host === "walled.example"
          ? new Response("User-agent: *\nDisallow: /")
          : new Response("", { status: 404 });
      await sql`insert into listing_feeds (url) values (${url})`;
      const answer = await post("discover-listings", { urls: [url] });
      assert.equal(answer.body.feeds[0].outcome, "robots_disallowed");
      assert.equal(
        front.requests.filter((request) => request.url.host === "walled.example").length,
        0,
      );
      assert.ok((await feed(url))?.next_check_at.getTime() > Date.now() + 23 * 3_600_000);
    });

    await t.step("only what is due and switched on is checked by itself", async () => {
      await sql`update listing_feeds set next_check_at = now() + interval '1 hour'`;
      await sql`update listing_feeds set next_check_at = now() where url in (${RESULTS}, ${GARBAGE})`;
      await sql`update listing_feeds set enabled = false where url = ${GARBAGE}`;
      const answer = await post("discover-listings", {});
      assert.deepEqual(answer.body.feeds.map((one: { url: string }) => one.url), [RESULTS]);
      const none = await post("discover-listings", {});
      assert.equal(none.body.checked, 0);
    });

    await t.step("two runs at once: a feed is fetched by one of them", async () => {
      let asked = 0;
      const others = Promise.withResolvers<void>();
      answers.set(RESULTS, async () => {
        asked += 1;
        await others.promise;
        return html(
          results(
            card("1993-saab-900", "1993 Saab 900", BID_TO, ENDED),
          ),
        );
      });
      let open = 3;
      const runs = await Promise.all([1, 2, 3].map(async () => {
        const answer = await post("discover-listings", { urls: [RESULTS] });
        if (--open === 1) others.resolve();
        return answer;
      }));
      assert.equal(asked, 1);
      assert.deepEqual(runs.map(({ body }) => body.checked).sort(), [0, 0, 1]);
      assert.equal(runs.reduce((sum, { body }) => sum + body.queued, 0), 1);
    });

    await t.step(
      "what a dead run held is checked by the next, and its late word changes nothing",
      async () => {
        const [claim] = await sql`
        select claim_listing_feeds(1, array[(select id from listing_feeds where url = ${RESULTS})]) as feeds`;
        const [held] = claim?.feeds ?? [];
        const busy = await post("discover-listings", { urls: [RESULTS] });
        assert.equal(busy.body.checked, 0);
        await sql`update listing_feeds set lease_expires_at = now() - interval '1 second' where url = ${RESULTS}`;
        const next = await post("discover-listings", { urls: [RESULTS] });
        assert.equal(next.body.checked, 1);
        const before = await feed(RESULTS);
        const [late] = await sql`
        select settle_listing_feeds(jsonb_build_array(jsonb_build_object(
          'id', ${held.id}::uuid, 'lease_token', ${held.lease_token}::uuid, 'outcome', 'gone'))) as answer`;
        assert.equal(late?.answer[0].held, false);
        assert.deepEqual(await feed(RESULTS), before);
      },
    );

    await t.step(
      "an auction held as live that the index says has ended is read again",
      async () => {
        const url = "https://bringatrailer.com/listing/1994-saab-900";
        const [vehicle] = await sql`
        insert into vehicles (discovery_url, sale_status) values (${url}, 'live') returning id`;
        await sql`
        update bat_extraction_queue
        set status = 'complete', reason = 'new', processed_at = now() - interval '2 hours'
        where vehicle_id = ${vehicle?.id}`;
        answers.set(RESULTS, () =>
          html(
            results(
              card("1994-saab-900", "1994 Saab 900", "Sold for USD $9,000 on 9/6/25", ENDED),
            ),
          ));
        const answer = await post("discover-listings", { urls: [RESULTS] });
        assert.deepEqual([answer.body.queued, answer.body.known, answer.body.ended], [0, 1, 1]);
        const rows = await sql`
        select status, reason, priority from bat_extraction_queue where vehicle_id = ${vehicle?.id}`;
        assert.deepEqual(rows.map((row) => ({ ...row })), [
          { status: "pending", reason: "auction_ended", priority: 100 },
        ]);
        const again = await post("discover-listings", { urls: [RESULTS] });
        assert.equal(again.body.ended, 0, "it stands in the queue already");
      },
    );

    await t.step("an address that is no feed is refused, with what to type", async () => {
      const answer = await post("discover-listings", { urls: ["https://nowhere.example/"] });
      assert.equal(answer.status, 400);
      assert.match(JSON.stringify(answer.body.mistakes), /insert into listing_feeds/);
    });

    await t.step("a feed that a person inserts is one like any other", async () => {
      const url = "https://bringatrailer.com/volvo/1800/";
      serve(url, results(card("1967-volvo-1800s", "1967 Volvo 1800S", SOLD, ENDED)));
      await sql`insert into listing_feeds (url) values (${url})`;
      const answer = await post("discover-listings", {});
      assert.deepEqual(
        answer.body.feeds.map((one: { url: string; queued: number }) => [one.url, one.queued]),
        [[url, 1]],
      );
      const [row] = await sql`select * from import_queue where discovered_from = ${url}`;
      assert.deepEqual([row?.source, row?.listing_title], ["bringatrailer", "1967 Volvo 1800S"]);
    });
  } finally {
    await world.close();
  }
});
