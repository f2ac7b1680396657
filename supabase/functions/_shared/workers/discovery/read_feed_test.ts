import assert from "node:assert/strict";
import type { PageOptions } from "../../fetching/fetcher.ts";
import type { FetchResult } from "../../fetching/result.ts";
import { readFeed } from "./read_feed.ts";

const FIRST = "https://bringatrailer.com/auctions/results/";
const FIRST_FEED = { url: FIRST, validators: null };

/** A results page with one auction a name. */
function results(...names: string[]): string {
  const items = names.map((name, index) => ({
    id: index + 1,
    title: name,
    url: `https://bringatrailer.com/listing/${name.toLowerCase().replaceAll(" ", "-")}/`,
    sold_text: "Sold for USD $5,000 on 9/6/25",
    timestamp_end: 1757183566,
    year: name.slice(0, 4),
  }));
  return `<html><head><title>Results</title></head><body>
    <script>var auctionsCompletedInitialData = ${
    JSON.stringify({ items })
  };</script></body></html>`;
}

/** A site that serves these pages and says what it was asked. */
function site(pages: Record<string, string | FetchResult>) {
  const asked: [string, PageOptions | undefined][] = [];
  return {
    asked,
    page(url: string, options?: PageOptions): Promise<FetchResult> {
      asked.push([url, options]);
      const served = pages[url];
      if (served === undefined) throw new Error(`not served: ${url}`);
      if (typeof served !== "string") return Promise.resolve(served);
      const fetchedAt = "2026-01-01T00:00:00Z";
      return Promise.resolve({
        kind: "page",
        page: { url, status: 200, contentType: "text/html", body: served, fetchedAt },
        snapshotId: null,
        from: "site",
        validators: { final_url: url, etag: '"1"', last_modified: null },
      });
    },
  };
}

const failed: FetchResult = {
  kind: "failed",
  code: "server_error",
  status: 500,
  message: "the site failed",
  retryAt: null,
};

Deno.test("a feed is asked for once, without keeping it, and its version is remembered", async () => {
  const asked = site({ [FIRST]: results("1990 Saab 900", "1991 Saab 900") });
  const reading = await readFeed(asked, FIRST_FEED, 0);
  if (reading.kind !== "read") throw new Error(reading.message);
  assert.deepEqual(asked.asked, [[FIRST, { keepSnapshot: false }]]);
  assert.deepEqual(reading.entries.map(({ title }) => title), ["1990 Saab 900", "1991 Saab 900"]);
  assert.deepEqual(reading.validators, { final_url: FIRST, etag: '"1"', last_modified: null });
});

Deno.test("what was remembered is sent along; unchanged is no failure and brings nothing", async () => {
  const validators = { final_url: FIRST, etag: '"1"', last_modified: null };
  const asked = site({ [FIRST]: { ...failed, code: "not_modified", message: "not_modified" } });
  const reading = await readFeed(asked, { url: FIRST, validators }, 1);
  if (reading.kind !== "read") throw new Error(reading.message);
  assert.deepEqual(asked.asked[0]?.[1]?.ifChanged, validators);
  assert.deepEqual([reading.outcome, reading.error, reading.entries.length], [
    "not_modified",
    null,
    0,
  ]);
});

Deno.test("a feed that fails says why; one that was not asked is handed back", async () => {
  const reading = await readFeed(site({ [FIRST]: failed }), FIRST_FEED, 0);
  if (reading.kind !== "read") throw new Error(reading.message);
  assert.deepEqual([reading.outcome, reading.error], ["server_error", "the site failed"]);
  const late: FetchResult = {
    kind: "not_started",
    reason: "host_busy",
    message: "busy",
    retryAt: "2026-01-01T00:00:00Z",
  };
  assert.equal(await readFeed(site({ [FIRST]: late }), FIRST_FEED, 0), late);
});

Deno.test("a bot wall and a page of another kind bring nothing, with the reason", async () => {
  const wall = "<script>window._cf_chl_opt={}</script><title>Just a moment...</title>";
  const walled = await readFeed(site({ [FIRST]: wall }), FIRST_FEED, 0);
  assert.equal(walled.kind === "read" && walled.outcome, "blocked");
  const other = await readFeed(site({ [FIRST]: "<p>Welcome to nginx!</p>" }), FIRST_FEED, 0);
  if (other.kind !== "read") throw new Error(other.message);
  assert.ok(["unreadable", "not_an_index"].includes(other.outcome), other.outcome);
  assert.ok((other.error ?? "").length > 5);
});

/** A page of a list that any site may have: marked-up cars, and a link to the next page. */
function listPage(names: string[], next: string | null): string {
  const cars = names.map((name) => ({
    "@context": "https://schema.org",
    "@type": ["Product", "Car"],
    name,
    url: `https://cars.example/listing/${name.toLowerCase().replaceAll(" ", "-")}`,
    offers: { "@type": "Offer", price: 5000, priceCurrency: "USD" },
  }));
  return `<html><head><title>Cars</title>${
    next === null ? "" : `<link rel="next" href="${next}">`
  }</head><body>${
    cars.map((car) => `<script type="application/ld+json">${JSON.stringify(car)}</script>`).join("")
  }</body></html>`;
}
const LIST = "https://cars.example/search";
const LIST_FEED = { url: LIST, validators: null };

Deno.test("pages after the first are followed as far as is allowed, each listing once", async () => {
  const asked = site({
    [LIST]: listPage(["1990 Saab 900", "1991 Saab 900"], "/search?page=2"),
    [`${LIST}?page=2`]: listPage(["1991 Saab 900", "1992 Saab 900"], "/search?page=3"),
  });
  const two = await readFeed(asked, LIST_FEED, 1);
  if (two.kind !== "read") throw new Error(two.message);
  assert.deepEqual(two.entries.map(({ title }) => title), [
    "1990 Saab 900",
    "1991 Saab 900",
    "1992 Saab 900",
  ]);
  assert.equal(two.pages, 2);
  // The first page may stay the same while the second changes.
  assert.equal(two.validators, null);
  const one = await readFeed(asked, LIST_FEED, 0);
  assert.equal(one.kind === "read" && one.pages, 1);
});

Deno.test("a second page that fails takes nothing from the first; a list in a circle ends", async () => {
  const first = listPage(["1990 Saab 900", "1991 Saab 900"], "/search?page=2");
  const broken = await readFeed(site({ [LIST]: first, [`${LIST}?page=2`]: failed }), LIST_FEED, 4);
  if (broken.kind !== "read") throw new Error(broken.message);
  assert.deepEqual([broken.outcome, broken.entries.length], ["ok", 2]);
  const circle = listPage(["1992 Saab 900", "1993 Saab 900"], "/search");
  const asked = site({ [LIST]: first, [`${LIST}?page=2`]: circle });
  const reading = await readFeed(asked, LIST_FEED, 4);
  assert.equal(reading.kind === "read" && reading.entries.length, 4);
  assert.equal(asked.asked.length, 2);
});
