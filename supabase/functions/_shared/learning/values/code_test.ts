import assert from "node:assert/strict";
import { code, fitsShape, shapeOf } from "./code.ts";

Deno.test("a code is found however its groups are parted", () => {
  for (const text of ["ISBN 978-0-13-235088-4.", "(9780132350884)", "978 0 13 235088 4"]) {
    assert.equal(code.find(text, "9780132350884").length, 1, text);
  }
});

Deno.test("a code is not found within a longer one", () => {
  assert.deepEqual(code.find("97801323508841", "9780132350884"), []);
});

Deno.test("codes that are like the known ones fit their shape, others do not", () => {
  const shape = shapeOf(["ZFFYT53A010124655", "WP0AA29829U760958", "3VWRM71K88M027036"]);
  assert.ok(shape !== null);
  assert.ok(fitsShape("1FTRX17L12KA58974", shape));
  assert.ok(!fitsShape("1FTRX17L12KA5897", shape));
  assert.ok(!fitsShape("ABCDEFGHIJKLMNOPQ", shape));
});
