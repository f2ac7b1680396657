import assert from "node:assert/strict";
import { jsonLdBlocks, nodeText, placedNodes } from "./json_ld.ts";

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
