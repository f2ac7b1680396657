import assert from "node:assert/strict";
import { oneLine, paragraphs } from "./text.ts";

Deno.test("oneLine drops tags, scripts and comments and collapses spaces", () => {
  assert.equal(
    oneLine("<b>13k</b>\n Miles&nbsp;<script>x</script><!-- y --> here"),
    "13k Miles here",
  );
});

Deno.test("paragraphs keeps blocks apart and inline tags together", () => {
  assert.equal(
    paragraphs("<p>One <a href='x'>l</a>ink.</p><p><img src=x></p><p>Two.<br>Three</p>"),
    "One link.\n\nTwo.\n\nThree",
  );
});
