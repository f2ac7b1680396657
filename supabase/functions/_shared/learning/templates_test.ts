import assert from "node:assert/strict";
import { indexPage } from "./index/page_index.ts";
import { clusterPages, sketchesOf, templateOf } from "./templates.ts";
import { makePages } from "./testing/scene.ts";

for (const seed of [1, 6, 10]) {
  Deno.test(`pages of three shops in one folder are told apart (seed ${seed})`, () => {
    const pages = makePages({ seed, shops: 3, pagesEach: 12, optional: 0.7 });
    const sketches = pages.map(({ html }) => indexPage(html).sketch);
    const groups = clusterPages(sketches);
    assert.deepEqual(groups.map((group) => group.length), [12, 12, 12]);
    for (const group of groups) {
      assert.equal(new Set(group.map((page) => pages[page]?.shop)).size, 1);
    }
  });
}

Deno.test("a page of another site belongs to no template", () => {
  const pages = makePages({ seed: 2, shops: 1, pagesEach: 6 });
  const sketches = sketchesOf(pages.map(({ html }) => indexPage(html).sketch));
  const other = indexPage("<body><center><font>Under construction</font></center></body>").sketch;
  assert.equal(templateOf([{ sketches }], other), null);
});
