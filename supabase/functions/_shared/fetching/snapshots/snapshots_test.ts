import assert from "node:assert/strict";
import type { Snapshot } from "../../database/snapshots.ts";
import { pack } from "./codec.ts";
import { loadSnapshot, Snapshots, validators } from "./snapshots.ts";

const text = "<p>Citroën</p>";
const bytes = new TextEncoder().encode(text);
const snapshot: Snapshot = {
  id: "00000000-0000-8000-8000-000000000000",
  canonical_url: "https://cars.example/1",
  url: "https://www.cars.example/1/",
  final_url: "https://cars.example/1",
  sha256: "00",
  fetched_at: "2025-01-01T00:00:00.123456+00:00",
  last_seen_ms_ago: 0,
  status: 200,
  etag: '"a"',
  last_modified: "Wed, 01 Jan 2025 00:00:00 GMT",
  content_type: "text/html; charset=utf-8",
  bytes: bytes.length,
  stored_bytes: 30,
  storage_path: "00/00.gz",
};
const nothing = (url: string) => Promise.resolve({ url, canonical_url: null, snapshot: null });
const holding = (object: Uint8Array | null) => ({
  put: () => Promise.resolve(),
  get: () => Promise.resolve(object),
});

Deno.test("a snapshot comes back as the page it was, with the time of that page", async () => {
  assert.deepEqual(await loadSnapshot(holding(pack(bytes)), snapshot), {
    url: "https://www.cars.example/1/",
    status: 200,
    contentType: "text/html",
    body: text,
    fetchedAt: "2025-01-01T00:00:00.123Z",
  });
});

Deno.test("an object that is missing, damaged, or another one is no page", async () => {
  for (
    const object of [
      null,
      new Uint8Array([1, 2]),
      pack(bytes).subarray(0, 20),
      pack(bytes.subarray(1)),
    ]
  ) {
    assert.equal(await loadSnapshot(holding(object), snapshot), null);
  }
});

Deno.test("an object that unpacks to more than a page may have is no page", async () => {
  const bomb = pack(new Uint8Array(20_000_000));
  assert.equal(await loadSnapshot(holding(bomb), { ...snapshot, bytes: 20_000_000 }), null);
});

Deno.test("validators are sent to the address that gave them, and to no other", () => {
  assert.deepEqual(validators(snapshot, new URL("https://cars.example/1")), {
    "if-none-match": '"a"',
    "if-modified-since": "Wed, 01 Jan 2025 00:00:00 GMT",
  });
  assert.deepEqual(validators(snapshot, new URL("https://cars.example/2")), {});
  assert.deepEqual(validators(null, new URL("https://cars.example/1")), {});
});

Deno.test("a validator that cannot stand in a header is left out", () => {
  const odd = { ...snapshot, etag: '"é\r\n"', last_modified: null };
  assert.deepEqual(validators(odd, new URL("https://cars.example/1")), {});
});

Deno.test("the same content is stored once, and not again when the newest snapshot holds it", async () => {
  const put: string[] = [];
  const one = new Snapshots({
    ...holding(null),
    put: (path: string) => (put.push(path), Promise.resolve()),
  }, nothing);
  const served = { url: new URL(snapshot.final_url), status: 200, headers: new Headers(), bytes };
  const keep = (newest: Snapshot | null, again = false) =>
    one.keep(
      { url: snapshot.url, canonical_url: snapshot.canonical_url, snapshot: newest },
      served,
      "2025-01-01T00:00:00Z",
      again,
    );
  const [first, second] = await Promise.all([keep(null), keep(null)]);
  assert.equal(put.length, 1);
  assert.equal(first?.id, second?.id);
  const held = { ...snapshot, sha256: first?.sha256 ?? "" };
  await keep(held);
  assert.equal(put.length, 1);
  await keep(held, true);
  assert.equal(put.length, 2);
});

Deno.test("content that could not be stored is stored the next time", async () => {
  let tries = 0;
  const one = new Snapshots({
    ...holding(null),
    put: () => tries++ === 0 ? Promise.reject(new Error("away")) : Promise.resolve(),
  }, nothing);
  const served = { url: new URL(snapshot.final_url), status: 200, headers: new Headers(), bytes };
  const newest = { url: snapshot.url, canonical_url: snapshot.canonical_url, snapshot: null };
  await assert.rejects(one.keep(newest, served, "2025-01-01T00:00:00Z"), /away/);
  await one.keep(newest, served, "2025-01-01T00:00:00Z");
  assert.equal(tries, 2);
});

Deno.test("a URL without canonical spelling is not kept", async () => {
  const one = new Snapshots(holding(null), nothing);
  const served = { url: new URL("https://[2606::1]/"), status: 200, headers: new Headers(), bytes };
  assert.equal(
    await one.keep({ url: "https://[2606::1]/", canonical_url: null, snapshot: null }, served, ""),
    null,
  );
});
