import assert from "node:assert/strict";
import fc from "fast-check";
import { clean, cleanOrNull, shorten } from "./text.ts";

Deno.test("text loses NUL, halves of surrogate pairs, and what is too long", () => {
  assert.equal(clean("a\0b", 10), "ab");
  assert.equal(clean("12345", 3), "123");
  assert.equal(clean("ab😀", 3), "ab\ufffd");
});

Deno.test("what is left can always be stored", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.nat(20), (text, max) => {
    const cleaned = clean(text, max);
    assert.ok(cleaned.isWellFormed() && !cleaned.includes("\0") && cleaned.length <= max);
  }));
});

Deno.test("empty text is null", () => {
  assert.equal(cleanOrNull(" \0 ", 10), null);
  assert.equal(cleanOrNull(undefined, 10), null);
  assert.equal(cleanOrNull(" a ", 10), "a");
});

Deno.test("shorten marks where it cut", () => assert.equal(shorten("abcdef", 4), "abc…"));
