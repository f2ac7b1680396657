import assert from "node:assert/strict";
import { microdataNodes } from "./microdata.ts";

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
