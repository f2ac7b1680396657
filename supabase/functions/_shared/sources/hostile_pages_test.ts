import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import { extraction as extractionSchema } from "../domain/extraction.ts";
import { pageOf } from "../domain/testing/page.ts";
import { batPage } from "./bringatrailer/testing/page.ts";
import { adapterFor, adapters, extract } from "./registry.ts";

const GIVEN = [
  "https://bringatrailer.com/listing/x/",
  "https://www.cars.com/vehicledetail/1/",
  "https://carsandbids.com/auctions/1/x",
  "https://cars.ksl.com/listing/1234567",
  "https://www.pcarmarket.com/auction/x",
  "https://cars.example/1",
  "not an address",
];
/** Every site of the registry: those without an address above at one of their own. */
const URLS = [
  ...GIVEN,
  ...adapters.filter((one) => !GIVEN.some((url) => adapterFor(url) === one))
    .map(({ hosts: [host] }) => `https://${host}/listing/1234567`),
];

/** Milliseconds of CPU that the worst page may cost; an edge function has 2,000 in all. */
const LONGEST = 1_500;

function readsCalmly(body: string, url: string): void {
  const start = process.cpuUsage();
  const extraction = extract(pageOf(body, url));
  const { user, system } = process.cpuUsage(start);
  assert.ok(user + system < LONGEST * 1_000, `${Math.round((user + system) / 1_000)} ms`);
  extractionSchema.parse(extraction);
  if (extraction.outcome !== "listing") assert.deepEqual(extraction.facts, {});
  if (extraction.auction?.outcome !== "sold") assert.equal(extraction.facts.sale_price, undefined);
}

const MARKS = [
  `"contentGroup":"listing-detail-page-live"`,
  `class="single-bat-listing"`,
  `<h1 class="post-title listing-post-title">1988 BMW M5</h1>`,
  `<h1 class="listing-post-title">`,
  `var BAT_VMS = {"comments":[{"id":1,"type":"comment"`,
  `data-gallery-items="[{&quot;large&quot;:`,
  `<div class="essentials"><ul><li>Chassis: `,
  `<table id="listing-bid"><tr><td>High Bid</td><td>USD $9`,
  `<script type="application/ld+json">{"@type":"Car","name":"1988 BMW M5"`,
  `<div itemscope itemtype="https://schema.org/Car"><b itemprop="name">`,
  `</script>`,
  `<div class="listing-available-info">Sold for $`,
  `</div>`,
  `<h1 id="vehicle-title">2018 Honda Civic</h1>`,
  `<section id="price-and-location"><div class="list-price">$9,0`,
  `<script id="initial-activity-data">{"vin":"1","year":"2018","make":"Honda","model":"Civic","price":"9000"}</script>`,
  `<div class="quick-facts"><dl><dt>Make</dt><dd>Honda</dd><dt>VIN</dt><dd>`,
  `<div class="auction-title"><h1>2018 Honda Civic</h1>`,
  `<ul class="bid-stats"><li class="ended">Sold for $9`,
  `<ul class="thread"><li data-id="1" class="bid"><dd class="bid-value">$`,
  `<script id="__NEXT_DATA__">{"vdp":{"listing":{"id":1234567,"makeYear":2018,"make":"Honda","model":"Civic"}}}</script>`,
  `self.__next_f.push([1,"7:{\\"makeYear\\":`,
  ` data-listing="{&quot;makeYear&quot;:2018,`,
];

Deno.test("any text, with the marks of pages thrown in, is read without an exception", () => {
  const piece = fc.oneof(
    fc.constantFrom(...MARKS),
    fc.string({ maxLength: 60 }),
    fc.string({ unit: "binary", maxLength: 40 }),
  );
  const body = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
  fc.assert(fc.property(body, fc.constantFrom(...URLS), readsCalmly), {
    numRuns: 400,
    seed: 20261122,
  });
});

Deno.test("any JSON in a page's linked data is read without an exception", () => {
  const known = fc.constantFrom(
    "Car",
    "Product",
    "Offer",
    "ItemList",
    "2018",
    "12 km",
    "$5",
    "N/A",
  );
  const key = fc.constantFrom(
    "@type",
    "@graph",
    "name",
    "offers",
    "price",
    "brand",
    "model",
    "image",
    "mileageFromOdometer",
    "value",
    "unitCode",
    "vehicleIdentificationNumber",
    "itemOffered",
    "itemListElement",
    "vehicleEngine",
    "__proto__",
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      known,
      fc.double(),
      fc.constant(null),
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const data = JSON.stringify({ "@type": "Car", name: "2018 Honda Civic", ...Object(value) });
      readsCalmly(`<script type="application/ld+json">${data}</script>`, "https://cars.example/1");
    }),
    { numRuns: 400, seed: 20261122 },
  );
});

const n = 100_000;
/** Eight million characters: what is read of a page at most. */
const filled = (piece: string) => piece.repeat(Math.ceil(8_000_000 / piece.length));
const listing = batPage().body;
const HOSTILE: Record<string, () => string> = {
  "nothing": () => "",
  "50 MB of letters": () => "a".repeat(50_000_000),
  "50 MB of opening brackets": () => "<".repeat(50_000_000),
  "100,000 nested elements": () => "<div>".repeat(n) + "<h1>1988 BMW M5</h1>" + "</div>".repeat(n),
  "100,000 nested lists of JSON": () =>
    `<script type="application/ld+json">${"[".repeat(n)}${"]".repeat(n)}</script>`,
  "100,000 nested objects of JSON": () =>
    `<script type="application/ld+json">${'{"@graph":'.repeat(n)}1${"}".repeat(n)}</script>`,
  "100,000 nested scopes of microdata": () =>
    `<div itemscope itemtype="https://schema.org/Car"><b itemprop="offers">`.repeat(n),
  "upper-case scripts that never close": () => filled("<SCRIPT>"),
  "unclosed scripts of linked data": () => filled(`<script type="application/ld+json">{`),
  "unclosed tags": () => filled("<p "),
  "entities": () => listing.replace("61 Miles", filled("&amp;")),
  "unclosed items in the details": () => listing.replace("<ul>", `<ul>${filled("<li>Chassis: 1")}`),
  "a gallery of broken items": () =>
    listing.replace('data-gallery-items="', `data-gallery-items="${filled("[{&quot;x&quot;")}`),
  "entries that are all damaged": () =>
    listing.replace('"comments":[', `"comments":[${filled('{"id":1,,},{"')}`),
  "100,000 closing entries": () =>
    listing.replace(
      '"comments":[',
      `"comments":[${
        `{"id":1,"type":"bat-bid-reserve","content":"Reserve not met at $1"},`.repeat(n)
      }`,
    ),
  "a title of a million words": () => listing.replaceAll("1988 BMW M5", "1988 BMW ".repeat(n)),
  "headings without an end": () => filled(`<h1 class="listing-post-title">1988 `),
  "the same mark over and over": () => filled('class="essentials" '),
  "meta tags": () => filled(`<meta property="og:title" content="x">`),
  "spaces after commas": () =>
    `<script type="application/ld+json">{"a":[${filled(",                ")}`,
  "backslashes in a string": () => `<script type="application/ld+json">{"a":"${filled("\\")}`,
  "a text of turns of phrase": () =>
    listing.replace(
      "<p>This",
      `<p>${"is finished in powered by a 1 paired with a ".repeat(6_000)}`,
    ),
  "definitions without end": () =>
    `<div class="auction-details"><div class="quick-facts"><dl>${filled("<dt>VIN</dt><dd>1</dd>")}`,
  "terms that never close": () => `<div class="quick-facts">${filled("<dt>VIN<dd>1")}`,
  "bids without end": () =>
    `<div class="quick-facts"><dl><dt>Make</dt><dd>Honda</dd></dl></div><ul class="thread">${
      filled(`<li data-id="1" class="bid"><b class="bid-value">$1</b></li>`)
    }`,
  "streamed chunks without end": () => filled(`self.__next_f.push([1,"7:{}\\n"])`),
  "streamed chunks that never close": () => filled(`self.__next_f.push([1,"`),
  "listings without end": () =>
    `<script id="__NEXT_DATA__">[${filled(`{"makeYear":2018,"make":"Honda"},`)}{}]</script>`,
  "attributes without end": () => filled(` data-listing="{&quot;makeYear&quot;:2018}"`),
  "preloaded data that nests": () =>
    `window.__PRELOADED_DATA__ = ${'{"a":'.repeat(n)}1${"}".repeat(n)}`,
  "cars without end": () =>
    `<script type="application/ld+json">[${
      filled(`{"@type":"Car","name":"2018 Honda Civic"},`)
    }{}]</script>`,
};
for (const [name, make] of Object.entries(HOSTILE)) {
  Deno.test(`a page of ${name} is read in bounded time`, () => {
    const body = make();
    for (const url of URLS) readsCalmly(body, url);
  });
}

Deno.test("a page in the wrong charset is read as the text it gives", () => {
  const bytes = new TextEncoder().encode(listing.replace("Sandy", "Zoë"));
  readsCalmly(new TextDecoder("utf-16le").decode(bytes), URLS[0] ?? "");
  const latin = new TextDecoder("windows-1252").decode(bytes);
  assert.equal(extract(pageOf(latin, URLS[0] ?? "")).facts.vin?.value, "WBSDC9303J2791153");
});
