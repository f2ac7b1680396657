import assert from "node:assert/strict";
import { jsonLdBlocks, nodeText, placedNodes } from "../../html/json_ld.ts";
import { microdataNodes } from "../../html/microdata.ts";
import { canonicalUrl, metaTags } from "../../html/open_graph.ts";
import { mainVehicle } from "./vehicle_node.ts";

Deno.test("each block is read by itself, and the damaged ones are counted", () => {
  const html =
    `<script type="application/ld+json">{"a":1}</script><script type='application/ld+json'>{"b" 2}</script>
    <p>application/ld+json in the text</p><script id=x type=application/ld+json>
    <!-- {"c":3} --></script><script type="application/ld+json">{"d":`;
  const { blocks, damaged } = jsonLdBlocks(html);
  assert.deepEqual(blocks, [{ a: 1 }, { c: 3 }]);
  assert.equal(damaged, 2);
});

Deno.test("nodes are found at any depth, in the page's order, with the place where they stand", () => {
  const nodes = placedNodes([{
    "@graph": [{ "@type": "http://schema.org/Car", name: "one" }],
    about: {
      "@type": "ItemList",
      itemListElement: [{ item: { "@type": ["Product", "Car"], name: "two" } }],
    },
  }]);
  assert.deepEqual(nodes.map(({ types, listed }) => [types.join(), listed]), [["car", false], [
    "itemlist",
    false,
  ], ["product,car", true]]);
});

Deno.test("nodeText takes names out of things and drops words for nothing", () => {
  assert.equal(nodeText([{ name: { code: "H", name: "Honda" } }]), "Honda");
  assert.equal(nodeText(2018), "2018");
  assert.deepEqual([
    nodeText("N/A"),
    nodeText("[object Object]"),
    nodeText({}),
    nodeText(null),
    nodeText(""),
  ], Array(5).fill(null));
});

Deno.test("microdata ends where its element ends", () => {
  const [car, ...others] = microdataNodes(
    `<div itemscope itemtype="http://schema.org/Car"><div><b itemprop="color">Red</b></div></div><i itemprop="color">Blue</i>`,
  );
  assert.deepEqual(car, { "@type": ["http://schema.org/Car"], color: "Red" });
  assert.deepEqual(others, []);
});

Deno.test("a property that stands twice is a list, and a nested scope a node", () => {
  const [car] = microdataNodes(
    `<div itemscope itemtype="Car"><img itemprop="image" src="1"><img itemprop="image" src="2"><p itemprop="brand" itemscope><b itemprop="name">BMW</b></p></div>`,
  );
  assert.deepEqual(car, { "@type": ["Car"], image: ["1", "2"], brand: { name: "BMW" } });
});

Deno.test("metaTags and the page's own address", () => {
  const html =
    `<meta content='A &amp; B' property="og:title"><meta name=description content="d"><meta property="og:title" content="second">
    <link rel="canonical" href="https://a.example/1">`;
  const tags = metaTags(html);
  assert.deepEqual([tags.get("og:title"), tags.get("description")], ["A & B", "d"]);
  assert.equal(canonicalUrl(html, tags), "https://a.example/1");
  assert.equal(canonicalUrl("", new Map([["og:url", "u"]])), "u");
});

Deno.test("a car without name, model or number identifies nothing", () => {
  assert.deepEqual(mainVehicle(placedNodes([{ "@type": "Car", color: "Red" }]), [], ""), {
    kind: "none",
  });
});
