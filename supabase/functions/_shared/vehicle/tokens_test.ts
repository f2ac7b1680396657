import assert from "node:assert/strict";
import fc from "fast-check";
import { keyOf, nearlySame, tokensOf } from "./tokens.ts";

Deno.test("a slip is one edit in a short word and two in a long one, never in a number", () => {
  assert.ok(nearlySame("frontoer", "frontier"));
  assert.ok(nearlySame("camary", "camry"));
  assert.ok(!nearlySame("fusion", "vision"));
  assert.ok(!nearlySame("f150", "f250"));
  assert.ok(!nearlySame("rio", "reo"));
  const word = fc.stringMatching(/^[a-z]{1,12}$/);
  fc.assert(
    fc.property(word, word, (one, other) => {
      assert.equal(nearlySame(one, other), nearlySame(other, one));
      assert.equal(nearlySame(one, one), one.length >= 5);
    }),
    { seed: 20261122 },
  );
});

Deno.test("words stand in the text where they say, and keys hold letters and digits only", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (text) => {
      for (const { text: word, at, end, key } of tokensOf(text)) {
        assert.equal(text.slice(at, end), word);
        assert.equal(key, keyOf(word));
        assert.match(key, /^[\p{L}\d]*$/u);
      }
    }),
    { seed: 20261122 },
  );
});
