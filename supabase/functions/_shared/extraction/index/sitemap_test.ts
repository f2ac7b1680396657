import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { MOST_SITEMAP_BYTES, readSitemap } from "./sitemap.ts";
import { cpuClock } from "../../domain/testing/cpu_clock.ts";

const URL_OF = "https://cars.example/sitemap.xml";
const AT = "2026-03-01T00:00:00Z";
const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string | Uint8Array) =>
  readSitemap(typeof text === "string" ? bytes(text) : text, URL_OF, AT);
const urlset = (inner: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${inner}</urlset>`;

Deno.test("addresses come newest first, each once, those without a time last", async () => {
  const reading = await read(urlset(`
    <url><loc>https://cars.example/old</loc><lastmod>2025-01-01</lastmod></url>
    <url><loc> https://cars.example/none </loc></url>
    <url><loc><![CDATA[https://cars.example/new?a=1&b=2]]></loc><lastmod>2026-02-28T10:00:00+02:00</lastmod>
      <image:image><image:loc>https://cars.example/picture.jpg</image:loc></image:image></url>
    <url><loc>https://cars.example/amp?a=1&amp;b=2</loc><lastmod>2026-01-01</lastmod></url>
    <url><loc>https://cars.example/old</loc></url>`));
  assert.equal(reading.kind, "urls");
  assert.deepEqual(reading.entries, [
    { url: "https://cars.example/new?a=1&b=2", lastmod: "2026-02-28T08:00:00.000Z" },
    { url: "https://cars.example/amp?a=1&b=2", lastmod: "2026-01-01T00:00:00.000Z" },
    { url: "https://cars.example/old", lastmod: "2025-01-01T00:00:00.000Z" },
    { url: "https://cars.example/none", lastmod: null },
  ]);
  assert.ok(reading.whole);
});

Deno.test("an index, prefixes, gzip and plain text are read", async () => {
  const index = await read(
    `<sitemapindex><sitemap><loc>https://cars.example/a.xml.gz</loc></sitemap></sitemapindex>`,
  );
  assert.deepEqual([index.kind, index.entries.map(({ url }) => url)], ["index", [
    "https://cars.example/a.xml.gz",
  ]]);
  const prefixed = await read(
    `<sm:urlset xmlns:sm="x"><sm:url><sm:loc>https://cars.example/1</sm:loc></sm:url></sm:urlset>`,
  );
  assert.equal(prefixed.entries.length, 1);
  const packed = await read(
    new Uint8Array(gzipSync(urlset("<url><loc>https://cars.example/1</loc></url>"))),
  );
  assert.deepEqual(packed.entries, [{ url: "https://cars.example/1", lastmod: null }]);
  const text = await read("https://cars.example/1\r\nhttps://cars.example/2\n");
  assert.equal(text.entries.length, 2);
});

Deno.test("a page, a feed and nothing are no sitemap, and it says why", async () => {
  for (const text of ["<!DOCTYPE html><html><body>404", "<rss></rss>", "", "{}", "Not found"]) {
    const reading = await read(text);
    assert.equal(reading.kind, "none");
    assert.notEqual(reading.reason, "");
  }
});

Deno.test("a time that is none, or of the future, is not believed", async () => {
  const reading = await read(urlset(
    ["2099-01-01", "soon", "", "-5", "2026-02-01"]
      .map((time, n) => `<url><loc>https://cars.example/${n}</loc><lastmod>${time}</lastmod></url>`)
      .join(""),
  ));
  assert.deepEqual(reading.entries.map(({ lastmod }) => lastmod), [
    "2026-02-01T00:00:00.000Z",
    null,
    null,
    null,
    null,
  ]);
});

Deno.test("addresses of other hosts count for nothing, however many", async () => {
  const foreign = Array.from(
    { length: 200_000 },
    (_, n) => `<url><loc>https://h${n % 50}.example/${n}</loc></url>`,
  ).join("");
  const reading = await read(urlset(`<url><loc>https://www.cars.example/1</loc></url>${foreign}`));
  assert.deepEqual(reading.entries.map(({ url }) => url), ["https://www.cars.example/1"]);
  assert.equal(reading.foreign, 49_999);
  assert.equal(reading.foreignHosts.length, 20);
  assert.match(reading.reason, /49999 of other hosts, longer than is read/);
});

Deno.test("what is longer than is read is cut off, packed or not, and says so", async () => {
  const line = `<url><loc>https://cars.example/${"x".repeat(900)}</loc></url>\n`;
  const long = urlset(line.repeat(1) + "<!--".padEnd(MOST_SITEMAP_BYTES, " "));
  for (const one of [bytes(long), new Uint8Array(gzipSync(long))]) {
    const reading = await read(one);
    assert.equal(reading.whole, false);
    assert.equal(reading.entries.length, 1);
  }
});

Deno.test("a bomb of gigabytes is left after its limit", async () => {
  const bomb = new Uint8Array(gzipSync(new Uint8Array(200_000_000), { level: 1 }));
  const cpuMs = cpuClock();
  const reading = await read(bomb);
  assert.equal(reading.kind, "none");
  assert.ok(cpuMs() < 3_000);
});

Deno.test("nothing that a document type declares is expanded", async () => {
  const lol = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`);
  const reading = await read(
    `<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY l0 "lol">${lol.join("")}
      <!ENTITY x SYSTEM "file:///etc/passwd">]><urlset>
      <url><loc>https://cars.example/&l9;</loc></url><url><loc>https://cars.example/&x;</loc></url>
      <url><loc>https://cars.example/1</loc></url></urlset>`,
  );
  assert.deepEqual(reading.entries.map(({ url }) => url), [
    "https://cars.example/&l9;",
    "https://cars.example/&x;",
    "https://cars.example/1",
  ]);
});

Deno.test("no bytes make it throw or run on", async () => {
  const piece = fc.constantFrom(
    "<urlset>",
    "<url>",
    "</url>",
    "<loc>",
    "</loc>",
    "https://cars.example/1",
    "<lastmod>",
    "2026-01-01",
    "<![CDATA[",
    "]]>",
    "&#x26;",
    "<sitemapindex>",
    "\0",
  );
  await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
    const reading = await read(pieces.join(""));
    assert.ok(reading.entries.every(({ url }) => url.startsWith("https://cars.example/")));
  }));
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (raw) => {
    await read(raw);
    await read(new Uint8Array([0x1f, 0x8b, ...raw]));
  }));
});

Deno.test("openings without an end are walked past once", async () => {
  for (const one of ["<url>", "<url><loc>", "<url ", "<url><loc>https://cars.example/</loc>"]) {
    const cpuMs = cpuClock();
    await read(`<urlset>${one.repeat(1_000_000)}`);
    assert.ok(cpuMs() < 2_000, one);
  }
});
