import assert from "node:assert/strict";
import { sha256 } from "../../domain/hash.ts";
import { pack, snapshotId, storagePath, unpack } from "./codec.ts";

const bytes = new TextEncoder().encode("<html>".repeat(1000));

Deno.test("what is packed is smaller and comes back as it was", () => {
  const packed = pack(bytes);
  assert.ok(packed.length < bytes.length / 10);
  assert.deepEqual(unpack(packed, bytes.length), bytes);
});

Deno.test("an object that unpacks to more than the limit is refused", () => {
  assert.throws(() => unpack(pack(new Uint8Array(5_000_000)), 1_000_000));
});

Deno.test("a damaged object is refused", () => {
  assert.throws(() => unpack(pack(bytes).subarray(0, 30), 1_000_000));
});

Deno.test("the place is named by the content", () => {
  const hash = sha256(new TextEncoder().encode("abc"));
  assert.equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(storagePath(hash), `ba/${hash}.gz`);
});

Deno.test("a snapshot's id follows from listing and content, and is a UUID", () => {
  const one = snapshotId("https://example.com/a", "00");
  assert.match(one, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(one, snapshotId("https://example.com/a", "00"));
  assert.notEqual(one, snapshotId("https://example.com/a", "01"));
  assert.notEqual(one, snapshotId("https://example.com/b", "00"));
});
