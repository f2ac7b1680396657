import assert from "node:assert/strict";
import fc from "fast-check";
import { objectsIn, scriptJson, streamedRows } from "./script_json.ts";

Deno.test("the JSON of a script is found by its id, whatever quotes the tag has", () => {
  const page = `<p id="x">{}</p><script id="x" type="application/json"> {"a": "</p>"} </script>`;
  assert.deepEqual(scriptJson(page.replace('<p id="x">{}</p>', ""), "x"), { a: "</p>" });
  assert.deepEqual(scriptJson(`<script type=t id='x'>[1]</SCRIPT>`, "x"), [1]);
});

Deno.test("a script that is cut off, damaged or absent has no JSON", () => {
  assert.equal(scriptJson(`<script id="x">{"a":1}`, "x"), undefined);
  assert.equal(scriptJson(`<script id="x">{"a":1,,}</script>`, "x"), undefined);
  assert.equal(scriptJson(`<script id="y">{}</script>`, "x"), undefined);
});

Deno.test("streamed rows are joined over their chunks, and a damaged row costs no other", () => {
  const chunks = [`1:I["x"]\n2:{"a":`, `1}\n3:{"b":\n4:[{"c":"</script>"}]\n`];
  const page =
    chunks.map((chunk) => `<script>self.__next_f.push([1,${JSON.stringify(chunk)}])</script>`).join(
      "",
    ) + `<script>self.__next_f.push([1,"5:{`;
  assert.deepEqual(streamedRows(page), [{ a: 1 }, [{ c: "</script>" }]]);
});

Deno.test("objects are found at any depth with the keys that lead to them, outermost first", () => {
  const found = objectsIn({ list: [{ id: 1, inner: { id: 2 } }], id: 0 }, (one) => "id" in one);
  assert.deepEqual(found.map(({ path }) => path), ["", "list.0", "list.0.inner"]);
});

Deno.test("any JSON is walked to its end, also one that nests deeply", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.parse(JSON.stringify(value));
      const page = `<script id="x">${JSON.stringify(json).replaceAll("</", "<\\/")}</script>`;
      assert.deepEqual(scriptJson(page, "x"), json);
      objectsIn(json, () => true);
    }),
    { numRuns: 200, seed: 20261122 },
  );
});
