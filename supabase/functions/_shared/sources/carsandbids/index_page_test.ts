import assert from "node:assert/strict";
import { pageOf } from "../../domain/testing/page.ts";
import { readIndex } from "../read_index.ts";

const PAST = "https://carsandbids.com/past-auctions/";
const PHOTO =
  "https://media.carsandbids.com/cdn-cgi/image/width=456,quality=70/aa/photos/x.jpg?t=1";

function card(title: string, path: string, bar: string, loc = "Denver, CO 80202") {
  return `<li class="auction-item "><a class="hero" title="${title}" href="${path}">
    <div class="preload-wrap main loaded"><img src="${PHOTO}" alt="${title}"></div>
    <div class="bid-bar mini"><div class="bar-bg"><ul class="bid-stats">${bar}</ul></div></div></a>
    <div class="auction-title"><a href="${path}">${title}</a><button class="toggle-watch"><span class="sr-only">Watch</span></button></div>
    <p class="auction-subtitle"><span class="no-reserve">No Reserve</span> ~32,400 Miles, 6-Speed Manual</p>
    <p class="auction-loc">${loc}</p></li>`;
}
const running = (bid: string) =>
  `<li class="time-left"><span class="label">Time Left</span> <span class="value">2 Days</span></li><li class="high-bid"><span class="label">High Bid</span> <span class="bid-value">${bid}</span></li>`;
const ended = (text: string, bid: string) =>
  `<li class="ended"><span class="value">${text} <span class="bid-value">${bid}</span></span></li>`;

const read = (cards: string, kind = "past-auctions", url = PAST) =>
  readIndex(pageOf(
    `<html><head><title>Past Auctions | Cars &amp; Bids</title></head><body><div id="root"><p>${
      "Auctions of enthusiasts' cars. ".repeat(30)
    }</p><ul class="auctions-list ${kind} ">${cards}</ul></div></body></html>`,
    url,
  ));

Deno.test("a sold auction is listed with its price, its day and its picture", () => {
  const { outcome, entries } = read(card(
    "2000 Honda S2000",
    "/auctions/KV0vnYqQ/2000-honda-s2000?ss_id=1",
    ended("Sold for", "$22,000"),
    "Ended 3/4/26",
  ));
  assert.equal(outcome, "index");
  assert.deepEqual(entries, [{
    url: "https://carsandbids.com/auctions/KV0vnYqQ/2000-honda-s2000",
    source: "carsandbids",
    title: "2000 Honda S2000",
    year: 2000,
    make: "Honda",
    model: "S2000",
    price: 22_000,
    price_kind: "sale",
    currency: "USD",
    ends_at: "2026-03-04T12:00:00.000Z",
    ended: true,
    thumbnail_url: PHOTO,
    raw: {
      id: "KV0vnYqQ",
      subtitle: "No Reserve ~32,400 Miles, 6-Speed Manual",
      no_reserve: true,
      location: "Ended 3/4/26",
    },
  }]);
});

const RESULTS: [string, string, [number | null, string | null, boolean | null]][] = [
  [ended("Bid to", "$20,000"), "past-auctions", [20_000, "bid", true]],
  [ended("Sold After for", "$21,000"), "past-auctions", [21_000, "sale", true]],
  [ended("Sold After", "$21,000"), "", [21_000, "sale", true]],
  [`<li class="ended">Sold After</li>`, "", [null, null, true]],
  [`<li class="ended">Sold After</li><li>Bid to $20,000</li>`, "", [20_000, "bid", true]],
  [`<li class="ended">Auction Canceled</li>`, "past-auctions", [null, null, true]],
  [running("$23,000"), "", [23_000, "bid", false]],
  [running(`<span class="dollar">$</span>23,000`), "", [23_000, "bid", false]],
];
for (const [bar, kind, expected] of RESULTS) {
  Deno.test(`an auction that shows "${bar.replace(/<[^>]*>/g, "")}" stands so`, () => {
    const [entry] = read(card("2000 Honda S2000", "/auctions/abc/x", bar), kind).entries;
    assert.deepEqual([entry?.price, entry?.price_kind, entry?.ended], expected);
  });
}

Deno.test("plain links to auctions are enough, each auction once", () => {
  const { entries, next } = read(`
    <li class="auction-item"><a class="auction-card-link" href="/auctions/2008-bmw-m3-coupe-blue/">2008 BMW M3 Coupe (Blue)</a>
      <a class="image-link" href="/auctions/2008-bmw-m3-coupe-blue/?utm_source=card#photos">Photos</a></li>
    <li class="auction-item"><a href="https://www.carsandbids.com/auctions/2008-bmw-m3-coupe-blue">2008 BMW M3</a></li>
    <li class="auction-item"><a href="https://evil.example/auctions/2008-bmw-m3/">2008 BMW M3</a></li>
    <a rel="next" href="?page=3">Next page</a>`);
  assert.deepEqual(entries.map(({ url, title }) => [url, title]), [
    ["https://carsandbids.com/auctions/2008-bmw-m3-coupe-blue", "2008 BMW M3 Coupe (Blue)"],
  ]);
  assert.equal(next, `${PAST}?page=3`);
});

Deno.test("cards of another name and element are read, one that invites to sell is left out", () => {
  const one = card("2000 Honda S2000", "/auctions/abc/x", running("$1"))
    .replace(/^<li class="auction-item "/, '<div class="auction-card"').replace(
      /<\/li>$/,
      "</div>",
    );
  const { entries, skipped } = read(
    `${one}<div class="auction-card"><a href="/sell">Sell</a></div>`,
  );
  assert.deepEqual([entries.length, skipped.length], [1, 0]);
});

Deno.test("cars are kept whatever they are called after, non-vehicles are not", () => {
  const { entries, skipped } = read(
    card("2022 Rivian R1T Quad-Motor", "/auctions/a1b/x", running("$1")) +
      card("1996 Suzuki Samurai Hardtop", "/auctions/a2b/x", running("$1")) +
      card("Doug's Pinball Machine", "/auctions/a3b/x", running("$1")),
  );
  assert.equal(entries.length, 2);
  assert.deepEqual(skipped.map(({ title }) => title), ["Doug's Pinball Machine"]);
});

Deno.test("the JSON of the list gives sums by status", () => {
  const auction = (id: string, parts: Record<string, unknown>) => ({
    id,
    title: "2004 Saab 9-5 Aéro",
    sub_title: "~90,000 Miles",
    current_bid: 9_000,
    auction_end: "2026-03-04T19:05:00Z",
    no_reserve: false,
    main_photo: { base_url: "media.carsandbids.com", path: "aa/photos/x.jpg" },
    ...parts,
  });
  const body = JSON.stringify({
    auctions: [
      auction("a1b", { status: "sold", sale_amount: 9_000 }),
      auction("a2b", { status: "reserve_not_met" }),
      auction("a3b", { status: "sold_after" }),
      auction("a4b", { status: "canceled" }),
      auction("a5b", { status: "live", listing: { title: "Neon Sign", is_not_car: true } }),
      7,
    ],
  });
  const { entries, skipped } = readIndex(pageOf(body, "https://carsandbids.com/v2/autos/auctions"));
  assert.deepEqual(
    entries.map(({ url, price, price_kind, ended }) => [url, price, price_kind, ended]),
    [
      ["https://carsandbids.com/auctions/a1b/2004-saab-9-5-aero", 9_000, "sale", true],
      ["https://carsandbids.com/auctions/a2b/2004-saab-9-5-aero", 9_000, "bid", true],
      ["https://carsandbids.com/auctions/a3b/2004-saab-9-5-aero", null, null, true],
      ["https://carsandbids.com/auctions/a4b/2004-saab-9-5-aero", null, null, true],
    ],
  );
  assert.equal(entries[0]?.ends_at, "2026-03-04T19:05:00.000Z");
  assert.equal(skipped.length, 1);
});

Deno.test("the shell is unreadable and says that a browser is needed", () => {
  const { outcome, reason, entries } = readIndex(pageOf(
    `<html><head><title>Cars & Bids</title></head><body><div id="root"></div><script src="/a.js"></script></body></html>`,
    PAST,
  ));
  assert.deepEqual([outcome, entries], ["unreadable", []]);
  assert.match(reason, /browser/);
});

Deno.test("an auction's own page is no index, though it shows other auctions", () => {
  const { outcome, entries } = read(
    `<div class="quick-facts"><dl></dl></div>${card("2000 Honda S2000", "/auctions/abc/x", "")}`,
  );
  assert.deepEqual([outcome, entries], ["not_an_index", []]);
});
