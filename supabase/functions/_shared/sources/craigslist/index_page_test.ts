import assert from "node:assert/strict";
import { pageOf } from "../../domain/testing/page.ts";
import { readIndex } from "../read_index.ts";

const SEARCH = "https://greenville.craigslist.org/search/cta";

/** A row of 2021, as `li.result-row`. */
function oldRow(
  title: string,
  path: string,
  price = "$9,500",
  ids = "1:00J0J_84quTTLAkBV,1:00a0a_x",
) {
  const link = `https://greenville.craigslist.org${path}`;
  return `<li class="result-row" data-pid="${/(\d+)\.html/.exec(path)?.[1]}">
    <a href="${link}" class="result-image gallery" data-ids="${ids}"><span class="result-price">${price}</span></a>
    <div class="result-info"><span class="icon icon-star" role="button"></span>
    <time class="result-date" datetime="2021-11-01 19:38" title="Mon 01 Nov">Nov  1</time>
    <h3 class="result-heading"><a href="${link}" data-id="1" class="result-title hdrlnk">${title}</a></h3>
    <span class="result-meta"><span class="result-price">${price}</span><span class="result-hood"> (Easley)</span>
    <span class="banish icon icon-trash"></span></span></div></li>`;
}

/** A row of the list that is sent since 2023. */
function newRow(title: string, href: string, price = "$9,500") {
  return `<li class="cl-static-search-result" title="${title}"><a href="${href}">
    <div class="title">${title}</div><div class="details">${
    price === "" ? "" : `<div class="price">${price}</div>`
  }<div class="location">Greer</div></div></a></li>`;
}

const old = (rows: string, url = SEARCH, extra = "") =>
  readIndex(pageOf(
    `<html><head><title>greenville cars - craigslist</title></head><body class="search"><form id="searchform">${extra}<ul class="rows" id="search-results">${rows}</ul></form></body></html>`,
    url,
  ));
const current = (rows: string, data?: unknown, url = SEARCH) =>
  readIndex(pageOf(
    `<html><head><title>cars - craigslist</title>${
      data === undefined
        ? ""
        : `<script type="application/ld+json" id="ld_searchpage_results" >\n${
          JSON.stringify(data)
        }\n</script>`
    }</head><body><ol class="cl-static-search-results"><li class="cl-static-hub-links"><div>see also</div></li>${rows}</ol></body></html>`,
    url,
  ));

Deno.test("a row of 2021 is listed with the price asked, its place and its picture", () => {
  const { outcome, entries } = old(
    oldRow("2004 Porsche Boxster S", "/gsp/cto/d/anderson-2004-porsche-boxster/7404048666.html"),
  );
  assert.equal(outcome, "index");
  assert.deepEqual(entries, [{
    url:
      "https://greenville.craigslist.org/gsp/cto/d/anderson-2004-porsche-boxster/7404048666.html",
    source: "craigslist",
    title: "2004 Porsche Boxster S",
    year: 2004,
    make: "Porsche",
    model: "Boxster S",
    price: 9_500,
    price_kind: "asking",
    currency: "USD",
    ends_at: null,
    ended: null,
    thumbnail_url: "https://images.craigslist.org/00J0J_84quTTLAkBV_300x300.jpg",
    raw: { id: "7404048666", location: "Easley", posted_at: "2021-11-01 19:38" },
  }]);
});

Deno.test("a row of the list sent since 2023 is read, also at the addresses of 2026", () => {
  const { entries } = current(
    newRow(
      "2013 Mini Cooper",
      "https://greenville.craigslist.org/cto/d/greer-mini/7700000001.html",
    ) +
      newRow(
        "2010 Honda Fit",
        "https://www.craigslist.org/view/d/greer-honda-fit/exUqi1zx1Wtjx1Amj7uYnK",
      ),
  );
  assert.deepEqual(
    entries.map(({ url, price, raw }) => [url, price, raw.id, raw.location]),
    [
      [
        "https://greenville.craigslist.org/cto/d/greer-mini/7700000001.html",
        9_500,
        "7700000001",
        "Greer",
      ],
      [
        "https://www.craigslist.org/view/d/greer-honda-fit/exUqi1zx1Wtjx1Amj7uYnK",
        9_500,
        "exUqi1zx1Wtjx1Amj7uYnK",
        "Greer",
      ],
    ],
  );
});

Deno.test("a card of the page as a browser fills it is read once", () => {
  const href = "https://greenville.craigslist.org/cto/d/greer-f150/7700000002.html";
  const { entries } = readIndex(pageOf(
    `<div class="cl-search-results"><div data-pid="7700000002" class="cl-search-result cl-search-view-mode-gallery" title="2013 Ford F-150">
    <div class="gallery-card"><a href="${href}" class="main"><img src="https://images.craigslist.org/00404_abc_300x300.jpg"></a>
    <a tabindex="0" href="${href}" class="cl-app-anchor text-only posting-title"><span class="label">2013 Ford F-150</span></a>
    <div class="meta">3h ago<span class="separator">·</span>Greenville</div><span class="priceinfo">$19,950</span></div></div></div>`,
    SEARCH,
  ));
  assert.deepEqual(
    entries.map((one) => [one.title, one.price, one.thumbnail_url]),
    [["2013 Ford F-150", 19_950, "https://images.craigslist.org/00404_abc_300x300.jpg"]],
  );
});

Deno.test("the search's data adds picture, place and currency to the row of the same title", () => {
  const data = {
    "@type": "ItemList",
    itemListElement: [
      { position: "0", item: { name: "Not a row", offers: { price: "1" } } },
      {
        position: "1",
        item: {
          name: "2013 Mini Cooper",
          image: ["https://images.craigslist.org/00101_abcde_600x450.jpg"],
          offers: {
            price: "8800.00",
            priceCurrency: "CAD",
            availableAtOrFrom: { address: { addressLocality: "Greer", addressRegion: "SC" } },
          },
        },
      },
    ],
  };
  const href = "https://greenville.craigslist.org/cto/d/greer-mini/7700000001.html";
  const [entry] = current(newRow("2013 Mini Cooper", href, ""), data).entries;
  assert.deepEqual([entry?.price, entry?.currency, entry?.thumbnail_url], [
    8_800,
    "CAD",
    "https://images.craigslist.org/00101_abcde_600x450.jpg",
  ]);
});

Deno.test("a dollar is the dollar of the site's country, other signs speak for themselves", () => {
  const row = (host: string, price: string) =>
    current(
      newRow("2013 Mini Cooper", `https://${host}/cto/d/x-mini/7700000001.html`, price),
      undefined,
      `https://${host}/search/cta`,
    ).entries[0]?.currency;
  assert.equal(row("vancouver.craigslist.org", "$9,500"), "CAD");
  assert.equal(row("sfbay.craigslist.org", "$9,500"), "USD");
  assert.equal(row("london.craigslist.org", "£9,500"), "GBP");
  assert.equal(row("berlin.craigslist.org", "€9,500"), "EUR");
});

Deno.test("a price typed to be found is no price, and no price is none", () => {
  for (const price of ["$1", "$1,234", "$0", ""]) {
    const [entry] = old(oldRow("2004 Porsche Boxster", "/cto/d/x/7404048666.html", price)).entries;
    assert.deepEqual([entry?.price, entry?.price_kind], [null, null], price);
  }
});

const NONE: [string, string][] = [
  ["WANTED: old Toyota trucks, cash paid", "a wanted ad"],
  ["We buy junk cars", "a wanted ad|a service"],
  ["Set of 4 wheels for 2013 Ford F-150", "a part"],
  ["2008 Chevy Silverado parting out", "parts"],
  ["Enclosed trailer 7x14", "part|road vehicle"],
];
for (const [title, why] of NONE) {
  Deno.test(`a post called "${title}" is skipped, with why`, () => {
    const { entries, skipped } = old(oldRow(title, "/cto/d/x/7404048666.html"));
    assert.deepEqual(entries, []);
    assert.match(skipped[0]?.why ?? "", new RegExp(why));
  });
}

Deno.test("a title in a category of vehicles may name none, elsewhere it must", () => {
  const vague = oldRow("Runs great!", "/cto/d/x/7404048666.html");
  assert.equal(old(vague).entries.length, 1);
  const general = "https://greenville.craigslist.org/search/sss?query=x";
  const view = "https://www.craigslist.org/view/d/x-runs-great/exUqi1zx1Wtjx1Amj7uYnK";
  assert.equal(current(newRow("Runs great!", view), undefined, general).entries.length, 0);
  assert.equal(current(newRow("Runs great!", view)).entries.length, 1);
  assert.equal(current(newRow("1999 Mazda Miata", view), undefined, general).entries.length, 1);
});

Deno.test("posts of other categories are skipped, whatever their title says", () => {
  const { entries, skipped } = old(
    oldRow("2004 Porsche Boxster wheels", "/pts/d/x/7404048666.html"),
  );
  assert.deepEqual(entries, []);
  assert.match(skipped[0]?.why ?? "", /"pts"/);
});

Deno.test("a search of another category gives no vehicles at addresses that do not name it", () => {
  const view = "https://www.craigslist.org/view/d/x-f150-tailgate/exUqi1zx1Wtjx1Amj7uYnK";
  const search = "https://greenville.craigslist.org/search/pta";
  const { entries, skipped } = current(newRow("2015 Ford F-150", view), undefined, search);
  assert.deepEqual(entries, []);
  assert.match(skipped[0]?.why ?? "", /"pta"/);
});

Deno.test("the page names the next one, on the same site only", () => {
  const next = (href: string) =>
    old(
      oldRow("2004 Porsche Boxster", "/cto/d/x/7404048666.html"),
      SEARCH,
      `<a href="${href}" class="button next" title="next page">next &gt;</a>`,
    ).next;
  assert.equal(next("/search/cta?s=120&amp;sort=date"), `${SEARCH}?s=120&sort=date`);
  assert.equal(next("https://evil.example/search/cta?s=120"), null);
  assert.equal(next(""), null);
});

Deno.test("a search without results is an index, a page without rows is unreadable", () => {
  assert.deepEqual(current("").outcome, "index");
  assert.equal(old("<p>Nothing found</p>").outcome, "index");
  assert.equal(old("<p>loading</p>").outcome, "unreadable");
});

Deno.test("a post's own page is no index", () => {
  const { outcome, entries } = readIndex(pageOf(
    `<span id="titletextonly">2004 Porsche Boxster</span><section id="postingbody">x</section><ul>${
      oldRow("2001 BMW M3", "/cto/d/x/7404048666.html")
    }</ul>`,
    "https://greenville.craigslist.org/cto/d/x/7404048667.html",
  ));
  assert.deepEqual([outcome, entries], ["not_an_index", []]);
});
