import assert from "node:assert/strict";
import { pageTitle, visibleText } from "./visible_text.ts";

Deno.test("visibleText leaves out what a reader does not see, and stops at its limit", () => {
  const html =
    "<title>t</title><style>x</style><SCRIPT>if (a<b) y</SCRIPT><p>seen <!-- not --> too</p><script>never closed";
  assert.equal(visibleText(html, 100), "t seen too");
  assert.equal(visibleText(html, 6), "t seen");
});

Deno.test("pageTitle is the title in one line", () => {
  assert.equal(pageTitle("<head><title lang=en>\n A  car </title>"), "A car");
  assert.equal(pageTitle("<p>none"), "");
});
