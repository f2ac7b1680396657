import assert from "node:assert/strict";
import { damageOf } from "./damage.ts";

const PAGE = `<!doctype html><html><head><title>Car</title></head><body>${
  "<p>A car on wheels.</p>".repeat(100)
}</body></html>`;
const whyDamaged = (html: string) => damageOf(html).why;
const filler = "<p>words</p>".repeat(1_000);

Deno.test("a whole page is not damaged, nor one with a stray control character of a pasted text", () => {
  assert.equal(whyDamaged(PAGE), null);
  assert.equal(whyDamaged(PAGE.replace("wheels", "whe\u0008els whe\u0008els")), null);
  assert.equal(whyDamaged("{}"), null);
  assert.equal(whyDamaged(""), null);
});

Deno.test("a page with several control characters was damaged", () => {
  assert.match(whyDamaged("<html>a\u0001b\u0010c</html>") ?? "", /control characters/);
  assert.match(whyDamaged(PAGE.replace("wheels", "\u0001\u0002")) ?? "", /control characters/);
});

Deno.test("a page whose start stands behind its parts, or its end before them, was put together anew", () => {
  assert.match(whyDamaged(`${filler}<!doctype html><html><body>x</body></html>`) ?? "", /start/);
  assert.match(whyDamaged(`<html><body>x</body></html>${filler}`) ?? "", /end/);
});

Deno.test("what a server writes before a page, or a footer behind it, is no damage", () => {
  assert.equal(whyDamaged(`<br /><b>Notice</b>: x<br />${PAGE}`), null);
  assert.equal(whyDamaged(`<html><body>${filler}</body></html><div>footer</div>`), null);
});
