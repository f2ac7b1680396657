import assert from "node:assert/strict";
import { readIndex } from "../read_index.ts";
import { completed, index, item, LIVE, live, RESULTS } from "./testing/index_page.ts";
import { pageOf } from "../../domain/testing/page.ts";

Deno.test("a completed auction is listed with its result, its end and its picture", () => {
  const { outcome, entries, skipped } = completed(item());
  assert.equal(outcome, "index");
  assert.deepEqual(skipped, []);
  assert.deepEqual(entries, [{
    url: "https://bringatrailer.com/listing/2005-ford-thunderbird-90/",
    source: "bringatrailer",
    title: "14k-Mile 2005 Ford Thunderbird",
    year: 2005,
    make: "Ford",
    model: "Thunderbird",
    price: 21_250,
    price_kind: "sale",
    currency: "USD",
    ends_at: "2025-09-06T18:32:46.000Z",
    ended: true,
    thumbnail_url: "https://bringatrailer.com/wp-content/uploads/2025/08/a.jpg?resize=470%2C318",
    raw: {
      id: "99881323",
      no_reserve: false,
      country: "US",
      sold_text: "Sold for USD $21,250 on 9/6/25",
      current_bid: 21_250,
    },
  }]);
});

Deno.test("a bid that did not meet the reserve is a bid, whatever current_bid is called", () => {
  const [entry] = completed(item({ sold_text: "Bid to USD $42,500 <span> on 4/20/2026 </span>" }))
    .entries;
  assert.deepEqual([entry?.price, entry?.price_kind, entry?.ended], [42_500, "bid", true]);
});

Deno.test("the result is what the auction says, not the bid that stood before a later sale", () => {
  const [entry] = completed(
    item({ sold_text: "Sold for USD $17,500 <span> on 9/6/25 </span>", current_bid: 17_250 }),
  ).entries;
  assert.equal(entry?.price, 17_500);
  assert.equal(entry?.raw.current_bid, 17_250);
});

Deno.test("sums keep their currency", () => {
  const { entries } = completed(
    item({ sold_text: "Sold for GBP £16,000 <span> on 4/20/2026 </span>", currency: "GBP" }),
    item({ url: "/listing/b-1/", sold_text: "Bid to EUR €55,000 <span> on 4/17/2026 </span>" }),
  );
  assert.deepEqual(entries.map(({ price, currency }) => [price, currency]), [
    [16_000, "GBP"],
    [55_000, "EUR"],
  ]);
});

Deno.test("without a time the end is noon UTC of the day named, in both forms of dates", () => {
  const none = { timestamp_end: null };
  const { entries } = completed(
    item({ ...none, sold_text: "Sold for USD $1,000 <span> on 9/6/25 </span>" }),
    item({ ...none, url: "/listing/b-1/", sold_text: "Bid to USD $1,000 on 04/20/2026" }),
    item({ ...none, url: "/listing/c-1/", sold_text: "Sold for USD $1,000" }),
  );
  assert.deepEqual(entries.map(({ ends_at }) => ends_at), [
    "2025-09-06T12:00:00.000Z",
    "2026-04-20T12:00:00.000Z",
    null,
  ]);
});

Deno.test("a withdrawn auction ended without a price", () => {
  const [entry] = completed(item({ sold_text: "Withdrawn on 4/20/2026" })).entries;
  assert.deepEqual([entry?.price, entry?.price_kind, entry?.ended], [null, null, true]);
});

Deno.test("a live auction has a running bid, a future end and its chassis number", () => {
  const { entries } = index({ auctionsCurrentInitialData: [live()] }, LIVE);
  const [entry] = entries;
  assert.deepEqual(
    [entry?.price, entry?.price_kind, entry?.ended, entry?.ends_at, entry?.raw.chassis],
    [70_500, "bid", false, "2026-11-30T00:53:20.000Z", "WP0AB0913FS121234"],
  );
});

Deno.test("a live auction without a bid has no price", () => {
  const { entries } = index({
    auctionsCurrentInitialData: [live({ current_bid: false, current_bid_formatted: "" })],
  }, LIVE);
  assert.deepEqual([entries[0]?.price, entries[0]?.price_kind, entries[0]?.currency], [
    null,
    null,
    null,
  ]);
});

Deno.test("the model year that the site files a car under fills a title without one", () => {
  const { entries } = index({
    auctionsCurrentInitialData: [live({ title: "AM General M1123 HMMWV", year: "1994" })],
  }, LIVE);
  assert.deepEqual([entries[0]?.year, entries[0]?.make], [1994, "AM General"]);
});

Deno.test("a list of older form names results in titlesub, and sums without a code are dollars", () => {
  const { entries } = completed(
    item({
      sold_text: null,
      titlesub: "Sold for $30,250 on 1/1/20",
      currency: null,
      current_bid: "30,250",
    }),
  );
  assert.deepEqual([entries[0]?.price, entries[0]?.price_kind, entries[0]?.currency], [
    30_250,
    "sale",
    "USD",
  ]);
});

Deno.test("an auction that ended without a word on how has no price", () => {
  const [entry] = completed(item({ sold_text: "" })).entries;
  assert.deepEqual([entry?.price, entry?.price_kind, entry?.ended], [null, null, true]);
});

Deno.test("titles lose the site's marks and entities, and no reserve is kept", () => {
  const { entries } = completed(
    item({ title: "No Reserve: 25k-Mile 2008 Ford Explorer XLT 4&#215;4", noreserve: null }),
  );
  assert.equal(entries[0]?.title, "25k-Mile 2008 Ford Explorer XLT 4×4");
  assert.equal(entries[0]?.raw.no_reserve, true);
});

Deno.test("each auction is listed once, under whatever spelling and in whichever list", () => {
  const url =
    "http://www.bringatrailer.com/listing/1985-porsche-911-carrera-coupe-73?utm_source=x#bids";
  const { entries } = index({
    auctionsCurrentInitialData: [live(), live({ url })],
    auctionsCompletedInitialData: [live({ url }), item()],
  });
  assert.deepEqual(entries.map((entry) => entry.url), [
    "https://bringatrailer.com/listing/1985-porsche-911-carrera-coupe-73/",
    "https://bringatrailer.com/listing/2005-ford-thunderbird-90/",
  ]);
});

Deno.test("a page that speaks of the list before it assigns it is read where it assigns it", () => {
  const extra =
    `<script>console.log("auctionsCompletedInitialData loaded"); var other = {"items":[]};</script>`;
  assert.equal(index({ auctionsCompletedInitialData: [item()] }, RESULTS, extra).entries.length, 1);
});

Deno.test("the answer of the site's filter is a list too", () => {
  const { outcome, entries } = readIndex(pageOf(
    JSON.stringify({ items: [item()], pages_total: 3 }),
    "https://bringatrailer.com/wp-json/bringatrailer/1.0/data/listings-filter?page=1",
  ));
  assert.equal(outcome, "index");
  assert.equal(entries.length, 1);
});

const card = (title: string, slug: string, result: string, separate = false) =>
  `<a class="listing-card ${
    separate ? "listing-card-separate swiper-slide" : "bg-white-transparent"
  }" data-bind="attr: { href: url }" href="https://bringatrailer.com/listing/${slug}/" data-pusher="post;list;112130448">
   <div class="thumbnail"><img src="https://bringatrailer.com/wp-content/uploads/2026/04/b.jpg" alt="x"></div>
   <h3 data-bind="html: title">${title}</h3>
   <div class="item-excerpt">This ${title} is red.</div>
   <div class="item-results" data-bind="visible: soldText">${result}</div>
   <span class="bid-formatted bold">USD $1</span></a>`;

Deno.test("a page without its data is read by the cards it shows, not by its carousels", () => {
  const cards = card("1969 Ford GT40", "1969-ford-gt40", "Sold for USD $9 on 4/20/2026", true) +
    card(
      "2013 BMW 135i Coupe",
      "2013-bmw-135i-coupe-3",
      "Bid to USD $12,500 <span> on 04/20/2026 </span>",
    ) +
    card("", "", "");
  const { entries, reason } = index({}, RESULTS, cards);
  assert.match(reason, /cards/);
  assert.deepEqual(
    entries.map(({ title, price, price_kind, ends_at }) => [title, price, price_kind, ends_at]),
    [["2013 BMW 135i Coupe", 12_500, "bid", "2026-04-20T12:00:00.000Z"]],
  );
});

Deno.test("an index without its list is unreadable, another page of the site is no index", () => {
  assert.equal(index({}).outcome, "unreadable");
  assert.equal(index({}, "https://bringatrailer.com/about/").outcome, "not_an_index");
  assert.equal(
    index({ auctionsCompletedInitialData: [item()] }, RESULTS, `<i class="single-bat-listing">`)
      .outcome,
    "not_an_index",
  );
});

Deno.test("an empty list is an index with nothing in it", () => {
  const { outcome, entries } = completed();
  assert.deepEqual([outcome, entries], ["index", []]);
});

Deno.test("of a list that breaks off its whole items are kept, and it is said", () => {
  const whole = `<html><body><script>var auctionsCompletedInitialData = {"items":[${
    JSON.stringify(item())
  },{"title":"1970 BM`;
  const { outcome, entries, reason } = readIndex(pageOf(whole, RESULTS));
  assert.deepEqual([outcome, entries.length], ["index", 1]);
  assert.match(reason, /break off/);
});
