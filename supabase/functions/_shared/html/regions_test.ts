import assert from "node:assert/strict";
import { attribute, closedElementWith, elementAt, elements, elementWith } from "./regions.ts";

Deno.test("elementAt takes the whole element, with elements of its name inside", () => {
  const html = `<p>x</p><div class="a"><div>1</div><divider>2</divider></div><div>3</div>`;
  assert.equal(
    elementAt(html, html.indexOf('<div class="a"')),
    `<div class="a"><div>1</div><divider>2</divider></div>`,
  );
  assert.equal(elementAt(html, 1), "");
});

Deno.test("elementWith finds the element by its attribute, not by words in the text", () => {
  const html = `the text says class="a" too<b class="a">yes</b>`;
  assert.equal(elementWith(html, 'class="a"'), `<b class="a">yes</b>`);
  assert.equal(elementWith(html, 'class="b"'), "");
});

Deno.test("an element that is cut off is given, but not as a closed one", () => {
  const html = `<div id="price">USD $42,0`;
  assert.equal(elementWith(html, 'id="price"'), html);
  assert.equal(closedElementWith(html, 'id="price"'), "");
  assert.deepEqual(elements("<li>one</li><li>two</li><li>thr", "li"), [
    "<li>one</li>",
    "<li>two</li>",
  ]);
});

Deno.test("attribute decodes a value in any quotes", () => {
  assert.equal(attribute(`<a href="?a=1&amp;b=2">`, "href"), "?a=1&b=2");
  assert.equal(attribute(`<a HREF='x'>`, "href"), "x");
  assert.equal(attribute(`<a data-href="y" href=z>`, "href"), "z");
  assert.equal(attribute(`<a>`, "href"), null);
});
