import assert from "node:assert/strict";
import fc from "fast-check";
import { arrayItems, bracketsEnd, parseJson, scriptVariable } from "./json_region.ts";

Deno.test("bracketsEnd finds the end of any JSON, whatever follows it", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())),
      fc.string(),
      (value, tail) => {
        const text = JSON.stringify(value);
        assert.equal(bracketsEnd(text + tail, 0), text.length);
      },
    ),
    { seed: 1 },
  );
});

Deno.test("bracketsEnd is not led astray by brackets and quotes in strings", () => {
  const text = `{"a":"}]\\"{","b":"\\\\"} trailing }`;
  assert.equal(bracketsEnd(text, 0), text.indexOf(" trailing"));
});

Deno.test("bracketsEnd gives up on what never closes and on what is nested too deep", () => {
  assert.equal(bracketsEnd(`{"a":[1,2`, 0), -1);
  assert.equal(bracketsEnd(`{"a":"unclosed}`, 0), -1);
  assert.equal(bracketsEnd("[".repeat(1_000) + "]".repeat(1_000), 0), -1);
});

Deno.test("parseJson bears the slips of script data, and gives undefined for what is no JSON", () => {
  assert.deepEqual(parseJson(`{"a":[1,2,],"b":undefined,}`), { a: [1, 2], b: null });
  assert.deepEqual(parseJson(`{"a":"two\nlines"}`), { a: "two lines" });
  assert.equal(parseJson("{a:1}"), undefined);
});

Deno.test("scriptVariable reads what is assigned, not where the name is only used", () => {
  const html =
    `<script>if (BAT_VMS.userId) {}</script><script>var BAT_VMS = {"comments":[]};\nvar X=1</script>`;
  assert.deepEqual(scriptVariable(html, "BAT_VMS"), { comments: [] });
  assert.equal(scriptVariable(html, "OTHER"), undefined);
  assert.equal(scriptVariable("var A = {", "A"), undefined);
});

Deno.test("arrayItems keeps the whole items of a damaged or cut-off array", () => {
  assert.deepEqual(arrayItems(`[{"a":1},{"b":2}]`, 0), {
    items: [{ a: 1 }, { b: 2 }],
    whole: true,
  });
  assert.deepEqual(arrayItems(`[{"a":1},{"b":`, 0), { items: [{ a: 1 }], whole: false });
  assert.deepEqual(arrayItems(`[{"a":1},{"b" 2},{"c":3}]`, 0), {
    items: [{ a: 1 }, { c: 3 }],
    whole: false,
  });
  assert.deepEqual(arrayItems(`[{"a":1},{"b":"x},{"c":3}]`, 0).items.slice(0, 1), [{ a: 1 }]);
});
