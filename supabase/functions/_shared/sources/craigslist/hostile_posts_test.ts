import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import { extraction as extractionSchema } from "../../domain/extraction.ts";
import type { Page } from "../../domain/page.ts";
import { pageOf } from "../../domain/testing/page.ts";
import { extract } from "../registry.ts";
import { post2021, post2026, URL_2021 } from "./testing/page.ts";

/** Milliseconds of CPU that the worst page may cost; an edge function has 2,000 in all. */
const LONGEST = 1_500;

function readsCalmly(page: Page): void {
  const start = process.cpuUsage();
  const extraction = extract(page);
  const { user, system } = process.cpuUsage(start);
  assert.ok(user + system < LONGEST * 1_000, `${Math.round((user + system) / 1_000)} ms`);
  extractionSchema.parse(extraction);
  if (extraction.outcome !== "listing") assert.deepEqual(extraction.facts, {});
}

const MARKS = [
  `<span id="titletextonly">2008 VW Jetta</span>`,
  `<span id="titletextonly">`,
  `<span class="price">$2,0`,
  `<span class="price">$2,000</span>`,
  `<small> (Abbeville)</small>`,
  `<p class="attrgroup"><span><b>2008 vw jetta</b></span>`,
  `<div class="attrgroup"><div class="attr auto_vin"><span class="labl">VIN:</span><span class="valu">`,
  `<section id="postingbody">`,
  `</section>`,
  `</p>`,
  `var imgList = [{"url":"https://images.craigslist.org/`,
  `imageConfig: {"3":`,
  `<script id="ld_posting_data" type="application/ld+json">{"offers":`,
  `autoVinData: [["a",[["Year",`,
  `<p class="postinginfo">post id: 1</p></body>`,
];

Deno.test("any text, with the marks of posts thrown in, is read without an exception", () => {
  const piece = fc.oneof(fc.constantFrom(...MARKS), fc.string({ maxLength: 60 }));
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 40 }),
      (pieces) => readsCalmly(pageOf(pieces.join(""), URL_2021)),
    ),
    { numRuns: 400, seed: 20261122 },
  );
});

Deno.test("anything in the fields of a post is read without an exception", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.constantFrom("2008 ford f150", "$1", "1", "VIN", "-1", "1e9"),
  );
  const parts = fc.record({
    title: text,
    price: text,
    place: text,
    makeModel: text,
    year: fc.option(fc.integer()),
    rows: fc.dictionary(
      fc.constantFrom("VIN", "odometer", "cylinders", "fuel", "drive", "paint color"),
      text,
    ),
    body: fc.string({ maxLength: 400 }),
    images: fc.array(fc.string({ maxLength: 30 }), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(parts, fc.anything(), (fields, product) => {
      readsCalmly(post2021(fields));
      readsCalmly(post2026({ ...fields, product: { offers: product, image: product } }));
    }),
    { numRuns: 200, seed: 20261122 },
  );
});

/** Eight million characters: what is read of a page at most. */
const filled = (piece: string) => piece.repeat(Math.ceil(8_000_000 / piece.length));
/** As long as a text can be that is still read. */
const long = (piece: string) => piece.repeat(Math.floor(390_000 / piece.length));
const plain = post2021();
const HOSTILE: Readonly<Record<string, () => string>> = {
  "links that never close": () => plain.body.replace("Just", long("<a ")),
  "links in the text": () => plain.body.replace("Just", long("<a class='x'>y</a>")),
  "thumbs": () => plain.body.replace("imgList", "x").replace("Just", long('<a class="thumb" ')),
  "rows": () => plain.body.replace("</p>", `${filled("<span>a: <b>b</b></span>")}</p>`),
  "groups": () => plain.body.replace("</head>", filled('<p class="attrgroup">')),
  "years": () => plain.body.replace("Just", long("2008 ford ")),
  "miles": () => plain.body.replace("Just", long("120,000 miles on the engine, ")),
  "prices": () => plain.body.replace("Just", long("asking $4,500 obo ")),
  "VINs": () => plain.body.replace("Just", long("3VWRM71K88M027036 ")),
  "unclosed tags": () => plain.body.replace("Just", long("<b ")),
  "engines": () => plain.body.replace("Just", long("5.7L V8 ")),
  "words": () => plain.body.replace("Just", long("lorem ")),
  "letters": () => plain.body.replace("Just", long("a")),
  "digits": () => plain.body.replace("Just", long("1")),
  "spaces": () => plain.body.replace("Just", `x${long(" ")}`),
  "search words": () => plain.body.replace("Just", long("*ford_chevy_")),
  "a title without end": () => plain.body.replace("2008 VW Jetta SE", filled("2008 ford xlt ")),
  "classes": () => filled('class="'),
  "one class": () => `<div class="${filled("a")}`,
  "titles that never close": () => filled('<span id="titletextonly">'),
  "nested decoded data": () => plain.body.replace("pID:", `autoVinData: ${"[".repeat(50_000)}`),
  "time": () => filled("<time "),
};
for (const [name, make] of Object.entries(HOSTILE)) {
  Deno.test(`a post of ${name} is read in bounded time`, () =>
    readsCalmly(pageOf(make(), URL_2021)));
}
