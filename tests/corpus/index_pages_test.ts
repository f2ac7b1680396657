import assert from "node:assert/strict";
import process from "node:process";
import type { IndexEntry } from "../../supabase/functions/_shared/extraction/index/reading.ts";
import { readIndex } from "../../supabase/functions/_shared/sources/read_index.ts";
import { POSTS } from "./craigslist_posts.ts";
import { random } from "./csv.ts";
import { DAMAGES } from "./damage.ts";
import { AUCTION_PAGES, corpusDir, corpusTest, MARKET_PAGES, pageOf } from "./folder.ts";

const RESULTS = "https://bringatrailer.com/auctions/results/";
const corpusFile = (file: string) => Deno.readTextFile(`${corpusDir}/${file}`);
const reading = async (file: string, url: string) => readIndex(pageOf(await corpusFile(file), url));

/**
 * What a person read: every title of both lists was looked at, one by one. 36 each; of 2025 one is no
 * vehicle, of 2026 three are none. "1985 Suzuki DR100 and Lighted Sign" is a motorcycle, "1951 Ford
 * 8N Tractor" and the HMMWV without a year in its title drive.
 */
const SKIPPED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "bringatrailer/results-2025-09.html": {
    "21x10-and-22x12-wheels-for-ferrari": "21×10″ and 22×12″ Wheels for Ferrari",
  },
  "bringatrailer/results-2026-04.html": {
    "tools-25": "Jaguar XKE Series I Tool Kit",
    "bmw-oem-style-65-wheels-with-michelin-ps4s-2025-date-codes":
      "18×8″ and 18×9.5″ BMW Style 65 Wheels",
    "kiddie-ride-28": "Porsche 911 Turbo-Style Coin-Operated Children’s Ride",
  },
};

interface Item {
  id: number;
  url: string;
  title: string;
  sold_text: string;
  current_bid: number;
  timestamp_end: number;
  currency: string;
  thumbnail_url: string;
  noreserve: boolean;
}

/** The list by other means than the reader's: cut out between its name and the end of its line. */
function itemsOf(html: string): Item[] {
  const line = html.split("var auctionsCompletedInitialData = ")[1]?.split("\n")[0] ?? "";
  return JSON.parse(line.trim().replace(/;$/, "")).items;
}

for (const [file, nonVehicles] of Object.entries(SKIPPED)) {
  corpusTest(`${file}: every car of the list once, and nothing that is no vehicle`, async () => {
    const items = itemsOf(await corpusFile(file));
    const { outcome, entries, skipped } = await reading(file, RESULTS);
    assert.equal(items.length, 36);
    assert.equal(outcome, "index");
    assert.deepEqual(
      Object.fromEntries(skipped.map(({ url, title }) => [url.split("/").at(-2), title])),
      nonVehicles,
    );
    const cars = items.filter(({ url }) => nonVehicles[url.split("/").at(-2) ?? ""] === undefined);
    assert.deepEqual(entries.map(({ url }) => url), cars.map(({ url }) => url));
    assert.equal(new Set(entries.map(({ url }) => url)).size, 36 - Object.keys(nonVehicles).length);
  });

  corpusTest(`${file}: titles, results and ends are those of the page's data`, async () => {
    const items = new Map(itemsOf(await corpusFile(file)).map((item) => [item.url, item]));
    const { entries } = await reading(file, RESULTS);
    for (const entry of entries) {
      const item = items.get(entry.url);
      assert.ok(item !== undefined);
      const said = /^(Sold for|Bid to) ([A-Z]{3}) [^\d]([\d,]+) <span> on (\d+)\/(\d+)\/(\d+) /
        .exec(item.sold_text);
      assert.ok(said !== null, item.sold_text);
      const [, how, currency, sum = "", month, day, year = ""] = said;
      assert.deepEqual(
        [entry.price_kind, entry.currency, entry.price, entry.ended],
        [how === "Sold for" ? "sale" : "bid", currency, Number(sum.replaceAll(",", "")), true],
      );
      assert.equal(entry.currency, item.currency);
      assert.equal(entry.ends_at, new Date(item.timestamp_end * 1_000).toISOString());
      // The day that the site names is that of its own clock, in California.
      const named = Date.UTC(Number(year) % 100 + 2_000, Number(month) - 1, Number(day));
      assert.ok(Math.abs(item.timestamp_end * 1_000 - 8 * 3_600_000 - named) < 86_400_000);
      const plain = item.title.replaceAll("&#215;", "×").replaceAll("&#8217;", "’");
      assert.equal(entry.title, plain);
      const stated = /\b(?:19|20)\d\d\b/.exec(plain)?.[0] ?? (/’32 /.test(plain) ? "1932" : null);
      assert.equal(entry.year, stated === null ? null : Number(stated));
      assert.equal(entry.thumbnail_url, item.thumbnail_url);
      assert.equal(entry.raw.id, String(item.id));
      assert.equal(entry.raw.no_reserve, item.noreserve);
      assert.ok(entry.make !== null && entry.model !== null, plain);
    }
  });
}

corpusTest("sums are read from the result where the bid beside it is another", async () => {
  const { entries } = await reading("bringatrailer/results-2025-09.html", RESULTS);
  const miata = entries.find(({ title }) => title?.includes("MX-5 Miata R-Package"));
  assert.deepEqual([miata?.price, miata?.price_kind, miata?.raw.current_bid], [
    17_500,
    "sale",
    17_250,
  ]);
  const kinds = async (file: string) =>
    Object.fromEntries(
      Object.entries(Object.groupBy((await reading(file, RESULTS)).entries, (one) =>
        `${one.price_kind} ${one.currency}`))
        .map(([kind, list]) => [kind, list?.length]),
    );
  // Counted in the lists by eye.
  assert.deepEqual(await kinds("bringatrailer/results-2025-09.html"), {
    "sale USD": 28,
    "bid USD": 7,
  });
  assert.deepEqual(await kinds("bringatrailer/results-2026-04.html"), {
    "sale USD": 23,
    "sale GBP": 1,
    "bid USD": 9,
  });
});

corpusTest(
  "without its data the page of 2026 is read by its 36 cards, 30 of vehicles",
  async () => {
    const html = (await corpusFile("bringatrailer/results-2026-04.html"))
      .replace(/var auctionsCompletedInitialData = .*/, "");
    const { entries, skipped } = readIndex(pageOf(html, RESULTS));
    assert.equal(entries.length, 30);
    assert.deepEqual(skipped.map(({ title }) => title), [
      "Half-Scale Aston Martin AMR23 Display Model",
      "Porsche 356 Workshop Manuals, Parts Catalogs, & Literature",
      "Neon Chevrolet C1 Corvette–Style Sign",
      "iPE Exhaust System for Ferrari 360",
      "16×7” and 16×9” Fuchs Wheels for Porsche 911",
      "Jaguar XKE Series I Tool Kit",
    ]);
    const audi = entries.find(({ title }) => title?.includes("Audi R8"));
    assert.deepEqual([audi?.price, audi?.price_kind, audi?.ends_at], [
      133_000,
      "bid",
      "2026-04-20T12:00:00.000Z",
    ]);
  },
);

corpusTest("the feed gives its four cars, without prices and ends", async () => {
  const { outcome, entries, skipped } = await reading(
    "bringatrailer/rss-feed.xml",
    "https://bringatrailer.com/feed/",
  );
  assert.deepEqual([outcome, skipped], ["index", []]);
  assert.deepEqual(
    entries.map((one) => [one.url.split("/").at(-2), one.year, one.make, one.raw.published_at]),
    [
      ["2004-porsche-boxster-s-500", 2004, "Porsche", "2026-04-13T14:00:00.000Z"],
      ["1997-ford-f-250-361", 1997, "Ford", "2026-04-13T13:00:00.000Z"],
      ["2013-porsche-boxster-981", 2013, "Porsche", "2026-04-13T12:00:00.000Z"],
      ["2021-ferrari-portofino-m-1", 2021, "Ferrari", "2026-04-13T11:00:00.000Z"],
    ],
  );
  assert.ok(entries.every((one) => one.price === null && one.ends_at === null));
});

corpusTest(
  "KSL's search of 2017 gives its 24 trucks, Autotrader's its 27 vans once each",
  async () => {
    const search = "https://www.ksl.com/auto/search/index?make=Toyota";
    const ksl = await reading("ksl/cars-search-2017.html", search);
    const rows = [...(await corpusFile("ksl/cars-search-2017.html"))
      .matchAll(/class="listing js-listing-(\d+)"/g)].map((match) => match[1] ?? "");
    assert.deepEqual(
      ksl.entries.map(({ url }) => url),
      rows.map((id) => `https://www.ksl.com/auto/listing/${id}`),
    );
    assert.ok(rows.length === 24 && ksl.entries.every(({ model }) => model === "Tacoma"));

    const autotrader = await reading(
      "autotrader/search-honda-odyssey-2023.html",
      "https://www.autotrader.com/cars-for-sale/all-cars/cars-under-24000/honda/odyssey/roanoke-tx",
    );
    const ids = new Set(
      [...(await corpusFile("autotrader/search-honda-odyssey-2023.html"))
        .matchAll(/"url":"([^"]*vehicledetails\.xhtml\?listingId=\d+)"/g)].map((match) => match[1]),
    );
    assert.equal(ids.size, 27);
    assert.deepEqual(new Set(autotrader.entries.map(({ url }) => url)), ids);
    assert.ok(autotrader.entries.every((one) => one.price !== null && one.make === "Honda"));
  },
);

const NO_INDEX: Readonly<Record<string, [string, string]>> = {
  ...Object.fromEntries(
    Object.entries({ ...AUCTION_PAGES, ...MARKET_PAGES, ...POSTS })
      .map(([file, url]) => [file, [url, "not_an_index"]]),
  ),
  "carsandbids/past-auctions-spa-shell.html": [
    "https://carsandbids.com/past-auctions/",
    "unreadable",
  ],
  "blocked/carsandbids-cloudflare-just-a-moment.html": [
    "https://carsandbids.com/past-auctions/",
    "blocked",
  ],
  "blocked/ksl-perimeterx-denied.html": ["https://cars.ksl.com/search/make/Toyota", "blocked"],
  "dealer/lithia-locations-not-a-listing.html": [
    "https://www.allamericanautogroup.com/locations.html",
    "not_an_index",
  ],
};

corpusTest("details, a dealer's page, a shell and walls give no entries, and say why", async () => {
  assert.ok(Object.keys(NO_INDEX).length > 130);
  for (const [file, [url, outcome]] of Object.entries(NO_INDEX)) {
    const read = await reading(file, url);
    assert.deepEqual([read.outcome, read.entries, read.skipped], [outcome, [], []], file);
    assert.ok(read.reason.length > 10);
  }
});

corpusTest(
  "of a damaged index 99 of 100 results are those of the whole one",
  async () => {
    for (const file of Object.keys(SKIPPED)) {
      const bytes = await Deno.readFile(`${corpusDir}/${file}`);
      const whole = readIndex(pageOf(new TextDecoder().decode(bytes), RESULTS)).entries;
      const right = new Map(whole.map((entry) => [entry.url, entry]));
      const sums = (one?: IndexEntry) => [one?.price, one?.price_kind, one?.currency];
      for (const [name, damage] of Object.entries(DAMAGES)) {
        const next = random(7);
        let wrong = 0;
        let entries = 0;
        for (let run = 0; run < 15; run++) {
          const read = readIndex(pageOf(damage(bytes, next), RESULTS));
          if (!/cards/.test(read.reason)) {
            entries += read.entries.length;
            wrong += read.entries.filter((entry) =>
              entry.price !== null && String(sums(entry)) !== String(sums(right.get(entry.url)))
            ).length;
          }
        }
        // A digit turned in both places of a sum looks like any other.
        assert.ok(wrong <= entries * 0.01, `${file}, ${name}: ${wrong} of ${entries} wrong`);
      }
    }
  },
);

corpusTest("an index page of 1.4 MB costs less than 100 ms of CPU", async () => {
  for (const file of Object.keys(SKIPPED)) {
    const page = pageOf(await corpusFile(file), RESULTS);
    readIndex(page);
    const start = process.cpuUsage();
    for (let run = 0; run < 10; run++) readIndex(page);
    const { user, system } = process.cpuUsage(start);
    const each = (user + system) / 10_000;
    console.log(`${file}: ${each.toFixed(1)} ms`);
    assert.ok(each < 100, `${each.toFixed(1)} ms`);
  }
});
