import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { hex, sha256 } from "./hash.ts";

Deno.test("a hash is SHA-256 in hexadecimal, of bytes and of text alike", async () => {
  const text = "1959 Porsche 356A Convertible D — €";
  const expected = createHash("sha256").update(text).digest("hex");
  assert.equal(await sha256(text), expected);
  assert.equal(await sha256(new TextEncoder().encode(text)), expected);
});

Deno.test("each byte is two digits", () => {
  assert.equal(hex(new Uint8Array([0, 10, 255])), "000aff");
});
