import assert from "node:assert/strict";
import { pageOf } from "../domain/testing/page.ts";
import { readIndex } from "./read_index.ts";

const BAT = "https://bringatrailer.com/feed/";
const CAB = "https://carsandbids.com/rss.xml";
const CL = "https://honolulu.craigslist.org/search/cta?format=rss";

const rss = (items: string, url = BAT) =>
  readIndex(pageOf(
    `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Feed</title><atom:link href="${url}" rel="self"/>${items}</channel></rss>\n`,
    url,
  ));

const item = (title: string, link: string, rest = "") =>
  `<item><title>${title}</title><link>${link}</link><dc:creator><![CDATA[bat]]></dc:creator>${rest}</item>`;

Deno.test("an auction of a feed is listed without what a feed does not say", () => {
  const { outcome, entries } = rss(item(
    "1997 Ford F-250 HD XLT 7.5L 4&#215;4 5-Speed at No Reserve",
    "https://bringatrailer.com/listing/1997-ford-f-250-361/?utm_source=rss",
    `<pubDate>Mon, 13 Apr 2026 13:00:00 +0000</pubDate><guid isPermaLink="false">https://bringatrailer.com/listing/x/?announcement=1</guid>
     <description><![CDATA[<p><img src="https://bringatrailer.com/wp-content/uploads/a.jpg">Sold for $1 </item> is a joke.</p>]]></description>`,
  ));
  assert.equal(outcome, "index");
  assert.deepEqual(entries, [{
    url: "https://bringatrailer.com/listing/1997-ford-f-250-361/",
    source: "bringatrailer",
    title: "1997 Ford F-250 HD XLT 7.5L 4×4 5-Speed",
    year: 1997,
    make: "Ford",
    model: "F-250 HD XLT 7.5L 4x4",
    price: null,
    price_kind: null,
    currency: null,
    ends_at: null,
    ended: null,
    thumbnail_url: "https://bringatrailer.com/wp-content/uploads/a.jpg",
    raw: { published_at: "2026-04-13T13:00:00.000Z", no_reserve: true },
  }]);
});

Deno.test("articles and other sites in a feed are no listings, parts are no vehicles", () => {
  const { entries, skipped } = rss(
    item("Weekly News", "https://bringatrailer.com/2026/04/13/news/") +
      item("1970 BMW 2002", "https://evil.example/listing/1970-bmw-2002/") +
      item("Neon BMW Sign", "https://bringatrailer.com/listing/sign-9/") +
      item("1970 BMW 2002", "https://bringatrailer.com/listing/1970-bmw-2002/") +
      item("1970 BMW 2002", "https://bringatrailer.com/listing/1970-bmw-2002/?again"),
  );
  assert.deepEqual(entries.map(({ url }) => url), [
    "https://bringatrailer.com/listing/1970-bmw-2002/",
  ]);
  assert.equal(skipped.length, 3);
});

Deno.test("the feed of Cars & Bids gives cars with their pictures", () => {
  const photo = "https://media.carsandbids.com/cdn-cgi/image/width=1000/4822/photos/x.jpg?t=1";
  const { entries } = rss(
    item(
      "1947 MG TC",
      "https://carsandbids.com/auctions/30BEabaP/1947-mg-tc",
      `<description><![CDATA[<img src='${photo}' alt='1947 MG TC'><p>THIS... is a 1947 MG TC</p>]]></description>
       <comments>https://carsandbids.com/auctions/30BEabaP/1947-mg-tc?c=all</comments><pubDate>Mon, 06 Apr 2026 17:08:00 GMT</pubDate>`,
    ),
    CAB,
  );
  assert.deepEqual(
    entries.map((one) => [one.url, one.year, one.make, one.model, one.thumbnail_url]),
    [["https://carsandbids.com/auctions/30BEabaP/1947-mg-tc", 1947, "MG", "TC", photo]],
  );
});

const rdf = (title: string, description = "Runs and drives, clean title.") =>
  readIndex(pageOf(
    `<?xml version="1.0"?><rdf:RDF xmlns="http://purl.org/rss/1.0/"><channel rdf:about="${CL}"><title>cars</title><link>${CL}</link></channel>
     <item rdf:about="https://honolulu.craigslist.org/kau/cto/d/lihue-tacoma/7712345678.html"><title>${title}</title>
     <link>https://honolulu.craigslist.org/kau/cto/d/lihue-tacoma/7712345678.html</link><description>${description}</description>
     <dc:date>2026-08-16T09:45:00-10:00</dc:date><enc:enclosure resource="https://images.craigslist.org/abc_300x300.jpg" type="image/jpeg"/></item></rdf:RDF>`,
    CL,
  ));

const TITLES: [string, string, number | null, string | null][] = [
  ["<![CDATA[2006 Toyota Tacoma 4x4 - $1,500 (Lihue)]]>", "2006 Toyota Tacoma 4x4", 1_500, "Lihue"],
  ["<![CDATA[2015 ram 2500 (Lavista) &#x0024;30500]]>", "2015 ram 2500", 30_500, "Lavista"],
  [
    "1999 Mazda Miata &amp;quot;one owner&amp;quot; - $4,200",
    '1999 Mazda Miata "one owner"',
    4_200,
    null,
  ],
  ["2006 Toyota Tacoma", "2006 Toyota Tacoma", null, null],
];
for (const [written, title, price, place] of TITLES) {
  Deno.test(`a title of Craigslist's feed is parted: ${title}`, () => {
    const [entry] = rdf(written).entries;
    assert.deepEqual([entry?.title, entry?.price, entry?.raw.location ?? null], [
      title,
      price,
      place,
    ]);
    assert.equal(entry?.thumbnail_url, "https://images.craigslist.org/abc_300x300.jpg");
    assert.equal(entry?.raw.published_at, "2026-08-16T19:45:00.000Z");
  });
}

Deno.test("wanted ads of a feed are skipped", () => {
  assert.match(rdf("Wanted: old Toyotas").skipped[0]?.why ?? "", /wanted/);
});

Deno.test("an Atom feed is read by its links", () => {
  const { entries } = readIndex(pageOf(
    `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><link rel="self" href="${BAT}"/>
     <entry><title type="html">1970 BMW 2002</title><link rel="replies" href="https://bringatrailer.com/x"/><link rel="alternate" href="https://bringatrailer.com/listing/1970-bmw-2002/"/><updated>2026-04-13T13:00:00Z</updated></entry></feed>`,
    BAT,
  ));
  assert.deepEqual(entries.map(({ url, raw }) => [url, raw.published_at]), [
    ["https://bringatrailer.com/listing/1970-bmw-2002/", "2026-04-13T13:00:00.000Z"],
  ]);
});

Deno.test("a feed that breaks off keeps its whole entries and says so", () => {
  const whole = item("1970 BMW 2002", "https://bringatrailer.com/listing/1970-bmw-2002/");
  const cut = readIndex(pageOf(`<rss><channel>${whole}<item><title>1971 BM`, BAT));
  assert.equal(cut.entries.length, 1);
  assert.match(cut.reason, /breaks off/);
  assert.equal(readIndex(pageOf(`<rss><channel><item><title>19`, BAT)).outcome, "unreadable");
});

Deno.test("an empty feed is an empty index; a feed of another site is none", () => {
  assert.equal(rss("").outcome, "index");
  const other = rss(item("1970 BMW 2002", "https://news.example/1"), "https://news.example/feed/");
  assert.deepEqual([other.outcome, other.entries], ["not_an_index", []]);
});
