import assert from "node:assert/strict";
import { hex, sha256 } from "./hash.ts";

Deno.test("a hash is SHA-256 in hexadecimal, of bytes and of text alike", () => {
  const text = "1959 Porsche 356A — €";
  const expected = "afd4b253f004bb3bb12c82c58fd1884aa8e6d830f0a519371e316d76b3cc2b5b"; // as sha256sum says
  assert.equal(sha256(text), expected);
  assert.equal(sha256(new TextEncoder().encode(text)), expected);
});

Deno.test("each byte is two digits", () => {
  assert.equal(hex(new Uint8Array([0, 10, 255])), "000aff");
});
