import assert from "node:assert/strict";
import { literal } from "./session.ts";

Deno.test("a quoted text cannot be left, and holds no zero byte", () => {
  assert.equal(literal("it's '; drop"), "'it''s ''; drop'");
  assert.equal(literal(String.raw`\'`), String.raw`'\'''`);
  assert.throws(() => literal("a\0b"));
});
