import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import { pageOf } from "../domain/testing/page.ts";
import { readIndex } from "./read_index.ts";
import { adapterFor, adapters, feeds, sourceOf } from "./registry.ts";

const GIVEN = [
  "https://bringatrailer.com/auctions/results/",
  "https://greenville.craigslist.org/search/cta",
  "https://carsandbids.com/past-auctions/",
  "https://www.ksl.com/auto/search/index",
  "https://cars.example/inventory",
  "not an address",
];
/** Every site whose lists are read: those without an address above at one of their own. */
const URLS = [
  ...GIVEN,
  ...adapters.filter((one) => one.readIndex && !GIVEN.some((url) => adapterFor(url) === one))
    .map(({ hosts: [host] }) => `https://${host}/search`),
];
const OWN =
  /^https:\/\/(?:bringatrailer\.com\/listing\/|(?:[a-z]+\.)?craigslist\.org\/|carsandbids\.com\/auctions\/|(?:cars|www)\.ksl\.com\/|cars\.example\/)/;
/** Milliseconds of CPU that the worst page may cost; an edge function has 2,000 in all. */
const LONGEST = 1_500;

function readsCalmly(body: string, url: string): void {
  const start = process.cpuUsage();
  const reading = readIndex(pageOf(body, url));
  const { user, system } = process.cpuUsage(start);
  assert.ok(user + system < LONGEST * 1_000, `${Math.round((user + system) / 1_000)} ms`);
  if (reading.outcome !== "index") assert.deepEqual(reading.entries, []);
  for (const entry of reading.entries) {
    assert.equal(sourceOf(entry.url), sourceOf(url));
    if (GIVEN.includes(url)) assert.match(entry.url, OWN);
    assert.ok(entry.price === null || entry.price > 0);
    assert.equal(entry.price === null, entry.price_kind === null);
    assert.ok(entry.ends_at === null || !Number.isNaN(Date.parse(entry.ends_at)));
    if (entry.thumbnail_url !== null) assert.match(entry.thumbnail_url, /^https:\/\//);
  }
  assert.equal(new Set(reading.entries.map((entry) => entry.url)).size, reading.entries.length);
}

const MARKS = [
  `<script>var auctionsCompletedInitialData = {"items":[{"title":"1970 BMW 2002","url":"/listing/a-b/"},`,
  `"sold_text":"Sold for USD $9`,
  `var auctionsCurrentInitialData = {"items":[[[[`,
  `</script>`,
  `<a class="listing-card bg" href="/listing/x-y/"><h3>1988 BMW M5</h3><div class="item-results">Sold for $`,
  `<li class="result-row" data-pid="7"><a href="/gsp/cto/d/x/7404047956.html" class="result-title">2004 Porsche Boxster</a>`,
  `<ol class="cl-static-search-results"><li class="cl-static-search-result" title="x"><a href="`,
  `<script type="application/ld+json" id="ld_searchpage_results">{"itemListElement":[{"item":{"name":"x"`,
  `<ul class="auctions-list past-auctions"><li class="auction-item "><a class="hero" href="/auctions/abc/x" title="2000 Honda S2000">`,
  `<span class="bid-value">$9</span>`,
  `<div class="listing" data-listing="{&quot;id&quot;:1234567,&quot;make&quot;:&quot;BMW&quot;,&quot;makeYear&quot;:2001}">`,
  `<script id="__NEXT_DATA__">{"items":[{"id":1234567,"makeYear":2018,"make":"Honda"}]}</script>`,
  `<rss><channel><item><title>2004 Porsche Boxster</title><link>https://bringatrailer.com/listing/x-y/</link></item>`,
  `<?xml version="1.0"?><feed><entry><link href="/auctions/abc/x"/>`,
  `<![CDATA[`,
  `]]>`,
  `</li>`,
  `{"auctions":[{"id":"abc","title":"2000 Honda S2000"}]}`,
];

Deno.test("any text, with the marks of indexes thrown in, is read without an exception", () => {
  const piece = fc.oneof(fc.constantFrom(...MARKS), fc.string({ maxLength: 60 }));
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 40 }),
      fc.constantFrom(...URLS),
      (pieces, url) => readsCalmly(pieces.join(""), url),
    ),
    { numRuns: 300 },
  );
});

for (const mark of MARKS) {
  Deno.test(`a mark repeated for ever costs little: ${mark.slice(0, 40)}`, () => {
    const body = mark.repeat(Math.ceil(2_000_000 / mark.length));
    for (const url of URLS) readsCalmly(body, url);
  });
}

Deno.test("what lies beyond 8 MB is not looked at", () => {
  const far =
    `<script>var auctionsCompletedInitialData = {"items":[{"title":"1970 BMW 2002","url":"/listing/a-b/"}]};</script>`;
  assert.equal(readIndex(pageOf(" ".repeat(9_000_000) + far, URLS[0] ?? "")).entries.length, 0);
});

const HOSTILE = [
  "https://evil.example/listing/1970-bmw-2002/",
  "https://bringatrailer.com.evil.example/listing/1970-bmw-2002/",
  "https://bringatrailer.com@evil.example/listing/1970-bmw-2002/",
  "https://user:pass@bringatrailer.com/listing/1970-bmw-2002/",
  "https://bringatrailer.com:8443/listing/1970-bmw-2002/",
  "javascript:alert(1)//bringatrailer.com/listing/1970-bmw-2002/",
  "data:text/html,listing/1970-bmw-2002/",
  "file:///listing/1970-bmw-2002/",
  "ftp://bringatrailer.com/listing/1970-bmw-2002/",
  "//evil.example/listing/1970-bmw-2002/",
  "https://notbringatrailer.com/listing/1970-bmw-2002/",
  "https://bringatrailer.com/listing/../wp-admin/",
  "https://bringatrailer.com/wp-admin/listing/x/",
  "https://bringatrailer.com/listing/",
  "\\\\evil.example\\listing\\1970-bmw-2002\\",
  "",
];

for (const url of HOSTILE) {
  Deno.test(`an index cannot bring in the address "${url}"`, () => {
    const body = `<script>var auctionsCompletedInitialData = ${
      JSON.stringify({
        items: [{ title: "1970 BMW 2002", url, thumbnail_url: "https://evil.example/a.jpg" }],
      })
    };</script>`;
    const { entries, skipped } = readIndex(pageOf(body, URLS[0] ?? ""));
    assert.deepEqual(entries, []);
    assert.match(skipped[0]?.why ?? "", /not an address/);
  });
}

Deno.test("texts hold nothing that a database refuses", () => {
  const title = `1970 BMW 2002\u0000tii \ud83d\u0007`;
  const items = [
    { title, url: "/listing/a-b/", sold_text: `Sold for USD $1,000\u0000`, id: "\udc00\u0000" },
    { title: `Neon\u0000 Sign \ud83d`, url: "/listing/sign-1/" },
    { title, url: "https://evil.example/\u0000\ud83d" },
  ];
  const body = `<script>var auctionsCompletedInitialData = ${JSON.stringify({ items })};</script>`;
  const { entries, skipped } = readIndex(pageOf(body, URLS[0] ?? ""));
  assert.deepEqual([entries.length, skipped.length], [1, 2]);
  const kept = JSON.stringify([entries, skipped]);
  assert.doesNotMatch(kept, /\\u0000|\\u0007|\\ud[89a-f]/i);
});

Deno.test("pictures come from the site's own hosts, other addresses of them are dropped", () => {
  for (
    const src of ["https://evil.example/a.jpg", "javascript:alert(1)", "http://169.254.169.254/"]
  ) {
    const body = `<script>var auctionsCompletedInitialData = ${
      JSON.stringify({
        items: [{ title: "1970 BMW 2002", url: "/listing/1970-bmw-2002/", thumbnail_url: src }],
      })
    };</script>`;
    assert.equal(readIndex(pageOf(body, URLS[0] ?? "")).entries[0]?.thumbnail_url, null);
  }
});

Deno.test("cards at the end of a very long page cost no walk through it each", () => {
  const filler = "<p>nothing for sale here</p>\n".repeat(260_000);
  const cards = Array.from(
    { length: 2_000 },
    (_, n) =>
      `<li class="auction-item "><a class="hero" href="/auctions/a${n}/x" title="2000 Honda S2000"></a></li>`,
  );
  const list = `<ul class="auctions-list past-auctions">${cards.join("")}</ul>`;
  for (const body of [filler + cards.join(""), filler + list]) {
    readsCalmly(`<html><body>${body}`, "https://carsandbids.com/past-auctions/");
  }
});

Deno.test("a wall, an error, nothing and something that is no page give no entries", () => {
  const page = pageOf("<title>Just a moment...</title>", URLS[0] ?? "");
  assert.equal(readIndex(page).outcome, "blocked");
  const plain = pageOf("<p>x</p>", URLS[0] ?? "");
  assert.equal(readIndex({ ...plain, status: 403 }).outcome, "blocked");
  assert.equal(readIndex({ ...plain, status: 503 }).outcome, "unreadable");
  assert.equal(readIndex({ ...plain, status: 404 }).outcome, "not_an_index");
  assert.equal(readIndex({ ...plain, body: "" }).outcome, "unreadable");
  assert.equal(readIndex({ ...plain, contentType: "image/jpeg" }).outcome, "not_an_index");
});

Deno.test("every feed is a source's own address, looked at no more than twice an hour", () => {
  assert.ok(feeds.some(({ enabled }) => enabled));
  assert.equal(new Set(feeds.map(({ url }) => url)).size, feeds.length);
  for (const feed of feeds) {
    assert.equal(adapterFor(feed.url).slug, feed.source);
    assert.match(feed.url, /^https:\/\//);
    assert.ok(feed.interval_minutes >= 30);
  }
});
