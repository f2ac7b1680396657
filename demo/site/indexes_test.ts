import { strict as assert } from "node:assert";
import { load } from "cheerio";
import { nonVehicleIn } from "../../supabase/functions/_shared/extraction/non_vehicle.ts";
import { bringatrailer } from "../../supabase/functions/_shared/sources/bringatrailer/adapter.ts";
import { readVin } from "../../supabase/functions/_shared/vehicle/vin.ts";
import { mirrorUrl } from "./mirror.ts";
import { type Site, type SiteOptions, startSite } from "./server.ts";

const HOST = "bringatrailer.com";
const RESULTS = `https://${HOST}/auctions/results/`;
const LIVE = `https://${HOST}/auctions/`;
const FEED = `https://${HOST}/feed/`;

async function withSite(run: (site: Site) => Promise<void>, options: SiteOptions = {}) {
  const site = await startSite({ counts: { [HOST]: 60 }, ...options });
  try {
    await run(site);
  } finally {
    await site.stop();
  }
}

const get = (site: Site, url: string, headers: Record<string, string> = {}) =>
  fetch(mirrorUrl(site.url, url), { headers });

interface Card {
  title: string;
  url: string;
  current_bid: number;
  sold_text: string;
  timestamp_end: number;
  active: boolean;
}

/** The data in an index page's script, as its frame has it. */
async function cards(site: Site, url: string) {
  const page = await (await get(site, url)).text();
  const data = page.match(/InitialData = (.+);\n/)?.[1];
  assert.ok(data, `no data on ${url}`);
  return JSON.parse(data) as { items: Card[]; page_current: number; pages_total: number };
}

Deno.test("results and live index together list every auction once, over all their pages", async () => {
  await withSite(async (site) => {
    const seen: string[] = [];
    for (const index of [RESULTS, LIVE]) {
      const { pages_total } = await cards(site, index);
      for (let page = 1; page <= pages_total; page++) {
        const { items, page_current } = await cards(site, `${index}?page=${page}`);
        assert.equal(page_current, page);
        for (const item of items) {
          assert.equal(item.active, index === LIVE);
          seen.push(item.url);
        }
      }
    }
    const all = [...site.catalogue.all(), ...site.catalogue.extras()].map((it) => it.url);
    assert.deepEqual(seen.sort(), all.sort());
  }, { cardsPerPage: 20 });
});

Deno.test("a card says what the auction's own page says", async () => {
  await withSite(async (site) => {
    const { items } = await cards(site, RESULTS);
    for (const item of items) {
      const { auction } = site.truth(item.url) ?? {};
      if (!auction) continue; // no vehicle
      const price = (auction.salePrice ?? auction.highBid)?.toLocaleString("en-US");
      const words = auction.outcome === "sold" ? "Sold for" : "Bid to";
      assert.match(item.sold_text, new RegExp(price ? `^${words} .*[$£€]${price} ` : "^No Sale"));
      assert.equal(item.timestamp_end * 1000, Date.parse(auction.endsAt));
    }
    const ends = items.map((item) => item.timestamp_end);
    assert.deepEqual(ends, ends.toSorted((a, b) => b - a));
  });
});

Deno.test("a change of the page changes its card too", async () => {
  await withSite(async (site) => {
    const listing = [...site.catalogue.all()].find((it) => it.auction?.end === "sold");
    const live = [...site.catalogue.all()].find((it) => it.auction?.end === "live");
    assert.ok(listing && live);
    site.setFault(listing.url, { kind: "page_says", change: "withdrawn" });
    site.setFault(live.url, { kind: "page_says", change: "ended_sold" });
    const results = (await cards(site, RESULTS)).items.concat(
      (await cards(site, `${RESULTS}?page=2`)).items,
    );
    const card = (url: string) => results.find((it) => it.url === url)?.sold_text ?? "not listed";
    assert.match(card(listing.url), /^Withdrawn /);
    assert.match(card(live.url), /^Sold for /);
    const running = (await cards(site, LIVE)).items.map((it) => it.url);
    assert.ok(!running.includes(live.url));
  });
});

Deno.test("the feed has the newest auctions, and 304 for who holds it", async () => {
  await withSite(async (site) => {
    const answer = await get(site, FEED);
    assert.match(answer.headers.get("content-type") ?? "", /rss/);
    const $ = load(await answer.text(), { xml: true });
    const dates = $("item > pubDate").map((_, it) => Date.parse($(it).text())).get();
    assert.equal(dates.length, 10);
    assert.deepEqual(dates, dates.toSorted((a, b) => b - a));
    for (const link of $("item > link").map((_, it) => $(it).text()).get()) {
      assert.ok(site.catalogue.find(link), link);
    }
    const etag = answer.headers.get("etag") ?? "";
    const again = await get(site, FEED, { "if-none-match": etag });
    await again.body?.cancel();
    assert.equal(again.status, 304);
  });
});

Deno.test("the adapter knows what is no vehicle, by its title or by its page only", async () => {
  await withSite(async (site) => {
    const nonVehicles = site.catalogue.extras().filter((it) => it.nonVehicle);
    assert.equal(nonVehicles.length, 10);
    assert.ok(nonVehicles.some((it) => nonVehicleIn(it.title) !== null));
    assert.ok(nonVehicles.some((it) => nonVehicleIn(it.title) === null));
    for (const { url, title } of nonVehicles) {
      const body = await (await get(site, url)).text();
      const read = bringatrailer.extract({
        url,
        body,
        status: 200,
        contentType: "text/html",
        fetchedAt: new Date().toISOString(),
      });
      assert.equal(read.outcome, "not_a_listing", read.reason);
      assert.equal(site.truth(url)?.nonVehicle, title);
      assert.deepEqual(site.truth(url)?.facts, {});
    }
  });
});

Deno.test("a relisting is the same car in a later auction that ended otherwise", async () => {
  await withSite(async (site) => {
    const again = site.catalogue.extras().filter((it) => it.relistingOf);
    assert.equal(again.length, 4);
    const outcomes = new Set<string>();
    for (const listing of again) {
      const first = site.truth(listing.relistingOf ?? "");
      const second = site.truth(listing.url);
      assert.ok(first?.auction && second?.auction);
      assert.equal(second.facts.vin, first.facts.vin);
      assert.equal(
        readVin(String(second.facts.vin), Number(second.facts.year))?.checkDigit,
        "right",
      );
      assert.ok(second.auction.endsAt > first.auction.endsAt);
      assert.notEqual(second.auction.outcome, first.auction.outcome);
      outcomes.add(second.auction.outcome);
      const answer = await get(site, second.images[0] ?? "");
      assert.match(answer.headers.get("content-type") ?? "", /^image\//);
      await answer.body?.cancel();
    }
    assert.deepEqual([...outcomes].sort(), ["bid_to", "sold"]);
    const ids = [...site.catalogue.all(), ...site.catalogue.extras()].flatMap(({ auction }) =>
      [...auction?.bids ?? [], ...auction?.remarks ?? []].map((it) => it.id)
    );
    assert.equal(new Set(ids).size, ids.length, "an entry's id is its own");
  });
});

Deno.test("a withdrawn auction has bids and no sale", async () => {
  await withSite(async (site) => {
    const listing = [...site.catalogue.all()].find((it) => it.auction?.end === "sold");
    assert.ok(listing);
    site.setFault(listing.url, { kind: "page_says", change: "withdrawn" });
    const truth = site.truth(listing.url);
    assert.equal(truth?.auction?.outcome, "withdrawn");
    assert.equal(truth.facts.sale_price, undefined);
    const $ = load(await (await get(site, listing.url)).text());
    assert.match($(".listing-available-info").text(), /^\s*Withdrawn on /);
    assert.equal($(".number-bids-value").text(), String(truth.auction.bidCount));
  });
});

Deno.test("every third picture of each gallery fails until the site recovers", async () => {
  await withSite(async (site) => {
    const listing = site.catalogue.at(HOST, 0);
    assert.ok(listing);
    const statuses = () =>
      Promise.all(listing.images.map(async ({ url }) => {
        const answer = await get(site, url);
        await answer.body?.cancel();
        return answer.status;
      }));
    site.setImageFault(HOST, { kind: "server_error", status: 503 });
    const failing = listing.images.map((image) => image.picture % 3 === 0 ? 503 : 200);
    assert.ok(failing.includes(503) && failing.includes(200));
    assert.deepEqual(await statuses(), failing);
    assert.deepEqual(await statuses(), failing);
    assert.equal((await get(site, listing.url).then((it) => (it.body?.cancel(), it))).status, 200);
    site.setImageFault(HOST, null);
    assert.deepEqual(new Set(await statuses()), new Set([200]));
  }, { images: [6, 6] });
});
