import assert from "node:assert/strict";
import { labelledList } from "./labelled_list.ts";

const texts = (html: string) =>
  [...labelledList(html)].map(([label, { text }]) => `${label}=${text}`);

Deno.test("labels and values are paired in order, without what buttons say", () => {
  const html = `<dl><dt>Make</dt><dd><a href="#">Honda</a></dd>
    <dt>Model:</dt><dd><a>S2000</a><button title="x"><span>Save</span></button></dd>
    <dt>Location</dt><dd> Indianapolis,
      IN &amp; more</dd></dl>`;
  assert.deepEqual(texts(html), ["make=Honda", "model=S2000", "location=Indianapolis, IN & more"]);
});

Deno.test("a label without a value takes none of the next label's", () => {
  assert.deepEqual(texts("<dl><dt>VIN</dt><dt>Make</dt><dd>Honda</dd></dl>"), ["make=Honda"]);
});

Deno.test("of two values of one label the first counts, and an empty one counts not at all", () => {
  const html = "<dt>VIN</dt><dd> </dd><dt>VIN</dt><dd>A</dd><dt>vin</dt><dd>B</dd>";
  assert.deepEqual(texts(html), ["vin=A"]);
});

Deno.test("a value that is cut off in the middle is left out", () => {
  assert.deepEqual(texts("<dt>Make</dt><dd>Honda</dd><dt>VIN</dt><dd>JHMAP11"), ["make=Honda"]);
});
