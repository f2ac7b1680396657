import assert from "node:assert/strict";
import { pageOf } from "../domain/testing/page.ts";
import { PAGE_KINDS, type PageKind, unusableResponse, whyNoListing } from "./page_kind.ts";

const WORDS = `<p>${"Words that fill a page. ".repeat(60)}</p>`;
const MARKS = { index: /class="card"/, shell: /__DATA__/, listingPath: /^\/car\// };
const URL_OF_CAR = "https://cars.example/car/1";

/** A page, its address, and the kind and evidence that are told of it. */
const PAGES: Record<string, [string, string, PageKind, RegExp]> = {
  "a Cloudflare challenge": [
    "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>",
    URL_OF_CAR,
    "blocked",
    /Cloudflare.*_cf_chl_opt/,
  ],
  "nothing": [" \n", URL_OF_CAR, "broken", /empty/],
  "a notice that a car is gone": [
    `<h1>This vehicle is no longer available</h1>${WORDS}`,
    URL_OF_CAR,
    "removed",
    /the page says "This vehicle is no longer available"/,
  ],
  "the frame of an app": [
    `<div id="root"></div><script src="/a.js"></script>`,
    URL_OF_CAR,
    "shell",
    /0 characters of text.*needs a browser/,
  ],
  "the frame of an app that the site itself marks": [
    `<script>window.__DATA__={}</script>${WORDS}`,
    URL_OF_CAR,
    "shell",
    /needs a browser/,
  ],
  "cards of several cars": [
    `<a class="card">2018 Honda</a>${WORDS}`,
    "https://cars.example/car/all",
    "index",
    /class="card"/,
  ],
  "a page at the address of no listing": [
    WORDS,
    "https://cars.example/help",
    "no_vehicle",
    /not the address of a listing: \/help/,
  ],
  "a dealer's page of places": [
    `<title>Our Locations</title>${WORDS}`,
    URL_OF_CAR,
    "no_vehicle",
    /its title is "Our Locations"/,
  ],
  "words": [`<title>Thoughts</title>${WORDS}`, URL_OF_CAR, "unknown", /"Thoughts"/],
};
for (const [name, [body, url, kind, evidence]] of Object.entries(PAGES)) {
  Deno.test(`${name}: the page is told to be ${kind}, with evidence`, () => {
    const page = pageOf(body, url);
    const told = unusableResponse(page) ?? whyNoListing(page, MARKS);
    assert.equal(told.kind, kind, told.reason);
    assert.match(told.reason, evidence);
  });
}

Deno.test("a status tells what a page is before its words do", () => {
  const kind = (status: number) => unusableResponse(pageOf(WORDS, URL_OF_CAR, status))?.kind;
  assert.deepEqual([404, 410, 403, 429, 500, 200].map(kind), [
    "removed",
    "removed",
    "blocked",
    "blocked",
    "broken",
    undefined,
  ]);
});

Deno.test("only what was not understood counts as drift of a site", () => {
  const unreadable = Object.entries(PAGE_KINDS).filter(([, outcome]) => outcome === "unreadable");
  assert.deepEqual(unreadable.map(([kind]) => kind).sort(), [
    "broken",
    "shell",
    "short",
    "unknown",
  ]);
});
