import assert from "node:assert/strict";
import fc from "fast-check";
import { sellerSites } from "./seller_sites.ts";

const page = (body: string) => ({
  url: "https://market.example/listing/1",
  status: 200,
  contentType: "text/html",
  body,
  fetchedAt: "2026-01-01T00:00:00Z",
});

Deno.test("a seller's own site is what the markup states, or a link that says so", () => {
  const data = {
    "@type": "Car",
    offers: {
      "@type": "Offer",
      seller: {
        "@type": "AutoDealer",
        name: "Fine Cars",
        url: "https://www.finecars.example/about",
      },
    },
  };
  assert.deepEqual(
    sellerSites(page(
      `<script type="application/ld+json">${JSON.stringify(data)}</script>
      <a href="https://dealer.example/cars?x=1">Visit dealer website</a>
      <a href="https://haendler.example">Zur Homepage</a>`,
    )),
    ["https://finecars.example/", "https://dealer.example/", "https://haendler.example/"],
  );
});

Deno.test("links to anything else, to the site itself and to where everybody is are none", () => {
  assert.deepEqual(
    sellerSites(page(
      `<a href="https://advert.example/">Insurance</a><a href="/dealer">Dealer website</a>
      <a href="https://www.facebook.com/finecars">Dealer website</a>
      <a href="https://help.market.example/">Our website</a><a href="javascript:x">Visit website</a>
      <a href="https://news.example/story">A website about cars that everybody likes to read</a>`,
    )),
    [],
  );
});

Deno.test("at most five are taken, whatever the page is", () => {
  const many = Array.from(
    { length: 50 },
    (_, n) => `<a href="https://d${n}.example">Dealer website</a>`,
  );
  assert.equal(sellerSites(page(many.join(""))).length, 5);
  fc.assert(fc.property(fc.string(), (body) => sellerSites(page(body)).length <= 5));
});
