import assert from "node:assert/strict";
import { imageUrls } from "../extraction/images.ts";
import { readProse } from "../sources/bringatrailer/prose.ts";
import { decodeEntities } from "./entities.ts";
import { shorten } from "../domain/text.ts";
import { oneLine, paragraphs } from "./text.ts";
import { pageTitle, visibleText } from "./visible_text.ts";

Deno.test("decodeEntities decodes once, by name and by number, and leaves what it does not know", () => {
  assert.equal(
    decodeEntities("&quot;a&#8243; &#x27;b&amp;quot; &eacute; &nosuch; &#0;"),
    `"a″ 'b&quot; é &nosuch; `,
  );
});

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

Deno.test("shorten marks where it cut", () => assert.equal(shorten("abcdef", 4), "abc…"));

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

Deno.test("imageUrls are absolute, largest, once each, and http only", () => {
  const upload = "https://bringatrailer.com/wp-content/uploads/2026/04/a.jpg";
  assert.deepEqual(
    imageUrls([
      `${upload}?fit=2048%2C1365`,
      `${upload}?w=620&resize=620%2C413`,
      "/b.jpg?v=2#x",
      "data:image/gif;base64,R0",
      "javascript:x",
      "http://",
      null,
      "a b",
    ], "https://cars.example/1"),
    [upload, "https://cars.example/b.jpg?v=2"],
  );
  assert.deepEqual(imageUrls([`${upload}?token=1&w=3`], "https://x.example"), [
    `${upload}?token=1&w=3`,
  ]);
});

Deno.test("readProse reads the turns of a description, and nothing into other sentences", () => {
  assert.deepEqual(
    readProse(
      "It is finished in Arctic Silver Metallic over black leather and is powered by a 2.9-liter flat-six paired with a six-speed manual transaxle.",
    ),
    {
      color: "Arctic Silver Metallic",
      interior_color: "black leather",
      engine: "2.9-liter flat-six",
      transmission: "six-speed manual transaxle",
    },
  );
  assert.deepEqual(
    readProse("The wheels were refinished by a shop. My other car is powered by love."),
    { color: null, interior_color: null, engine: null, transmission: null },
  );
});
