import assert from "node:assert/strict";
import { decodeEntities } from "./entities.ts";

Deno.test("decodeEntities decodes once, by name and by number, and leaves what it does not know", () => {
  assert.equal(
    decodeEntities("&quot;a&#8243; &#x27;b&amp;quot; &eacute; &nosuch; &#0;"),
    `"a″ 'b&quot; é &nosuch; `,
  );
});

Deno.test("what an old page means by a number of Windows is what browsers show", () => {
  assert.equal(decodeEntities("dealer&#146;s &#x99;"), "dealer’s ™");
});

Deno.test("a reference without its semicolon is text: an address may hold one", () => {
  assert.equal(decodeEntities("/search?make=bmw&copy=2&para"), "/search?make=bmw&copy=2&para");
});
