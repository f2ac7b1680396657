import assert from "node:assert/strict";
import { allowsType } from "./upload.ts";

Deno.test("a bucket's list of types knows wildcards", () => {
  assert.equal(allowsType(null, "x/y"), true);
  assert.equal(allowsType(["image/*"], "image/png"), true);
  assert.equal(allowsType(["image/*"], "imagery/png"), false);
  assert.equal(allowsType(["text/plain"], "text/plain; charset=utf-8"), true);
});
