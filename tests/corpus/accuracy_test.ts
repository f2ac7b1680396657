import assert from "node:assert/strict";
import { type AccuracyRow, corpusAccuracy, STATED_AFTER_ALL } from "./accuracy.ts";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { AUCTION_PAGES, corpusDir, corpusTest, MARKET_PAGES, pageOf } from "./folder.ts";

const shown = ({ file, field, stated, read }: AccuracyRow) =>
  `${file} ${field}: stated ${stated}, read ${read}`;

corpusTest(
  "every field that a person read off auctions and dealers' pages is read right",
  async () => {
    const pages = { ...AUCTION_PAGES, ...MARKET_PAGES };
    const rows = (await corpusAccuracy(corpusDir)).filter(({ file }) => file in pages);
    assert.equal(new Set(rows.map(({ file }) => file)).size, 5);
    const stated = rows.filter((row) => row.stated !== null);
    assert.ok(stated.length >= 65, `only ${stated.length} fields stated`);
    assert.deepEqual(stated.filter(({ verdict }) => verdict !== "right").map(shown), []);
  },
);

corpusTest("no field of any page is wrong or invented", async () => {
  const rows = await corpusAccuracy(corpusDir);
  const bad = rows.filter(({ verdict }) => verdict === "wrong" || verdict === "invented");
  for (const { file, field, read } of bad) {
    const words = STATED_AFTER_ALL[`${file} ${field}`];
    if (words === undefined) continue;
    assert.ok((await Deno.readTextFile(`${corpusDir}/${file}`)).includes(words), words);
    assert.ok(words.startsWith(String(read)), `${read} is not what "${words}" says`);
  }
  const unstated = bad.filter((row) => !(`${row.file} ${row.field}` in STATED_AFTER_ALL));
  assert.deepEqual(unstated.map(shown), []);
});

/** Pages that are no listings, as the manifest describes them, and what must become of them. */
const NOT_LISTINGS: Readonly<Record<string, RegExp>> = {
  "blocked/carsandbids-cloudflare-just-a-moment.html": /^blocked Cloudflare/,
  "blocked/ksl-perimeterx-denied.html": /^blocked PerimeterX/,
  "bringatrailer/results-2025-09.html": /^not_a_listing an index/,
  "bringatrailer/results-2026-04.html": /^not_a_listing an index/,
  "bringatrailer/rss-feed.xml": /^not_a_listing a feed/,
  "autotrader/search-honda-odyssey-2023.html": /^not_a_listing an index of \d+ vehicle/,
  "ksl/cars-search-2017.html": /^not_a_listing/,
  "dealer/lithia-locations-not-a-listing.html": /^not_a_listing/,
  "carsandbids/past-auctions-spa-shell.html": /^unreadable .*needs a browser/,
};

for (const [file, expected] of Object.entries(NOT_LISTINGS)) {
  corpusTest(`nothing is read from ${file}`, async () => {
    const extraction = extract(
      pageOf(
        await Deno.readTextFile(`${corpusDir}/${file}`),
        file.startsWith("bring")
          ? "https://bringatrailer.com/auctions/"
          : `https://${file.split("/")[0]}.example/`,
      ),
    );
    assert.match(`${extraction.outcome} ${extraction.reason}`, expected);
    assert.deepEqual(extraction.facts, {});
    assert.deepEqual(extraction.images, []);
    assert.equal(extraction.auction, null);
    assert.deepEqual([extraction.bids, extraction.comments], [[], []]);
  });
}
