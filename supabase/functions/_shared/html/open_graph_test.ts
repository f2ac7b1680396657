import assert from "node:assert/strict";
import { canonicalLink, metaTags, readMetaTags } from "./open_graph.ts";

Deno.test("metaTags and the page's own address", () => {
  const html =
    `<meta content='A &amp; B' property="og:title"><meta name=description content="d"><meta property="og:title" content="second">
    <link rel="canonical" href="https://a.example/1">`;
  const tags = metaTags(html);
  assert.deepEqual([tags.get("og:title"), tags.get("description")], ["A & B", "d"]);
  assert.equal(canonicalLink(html), "https://a.example/1");
  assert.equal(canonicalLink("<head><title>A</title></head>"), null);
});

Deno.test("a second title or address begins the card of something else", () => {
  const price = '<meta property="product:price:amount" content="19517">';
  const card = (title: string) => `<meta property="og:title" content="${title}">`;
  const { tags, several } = readMetaTags(card("1988 BMW M5") + card("2015 Audi TT") + price);
  assert.deepEqual([tags.get("og:title"), tags.get("product:price:amount"), several], [
    "1988 BMW M5",
    undefined,
    true,
  ]);
  assert.equal(readMetaTags(card("1988 BMW M5") + card("1988 BMW M5") + price).several, false);
});
