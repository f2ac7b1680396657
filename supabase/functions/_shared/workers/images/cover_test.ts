import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { coverDownloader } from "./cover.ts";
import { failed, fetcherOf, notStarted, storageOf } from "./testing/fakes.ts";
import { sample } from "./testing/samples.ts";

const LATER = "2030-01-01T00:00:00.000Z";
const far = () => Date.now() + 60_000;

Deno.test("the first good image is stored under its content and no further one is fetched", async () => {
  const { fetcher, asked } = fetcherOf({ a: sample("jpeg"), b: sample("png") });
  const { database, files } = storageOf();
  const found = await coverDownloader({ database, fetcher, deadline: far() })(["a", "b"]);
  const hash = createHash("sha256").update(sample("jpeg")).digest("hex");
  assert.deepEqual(found, {
    results: [{
      url: "a",
      kind: "stored",
      content_hash: hash,
      storage_path: `${hash.slice(0, 2)}/${hash}.jpg`,
      mime_type: "image/jpeg",
      bytes: 724,
      width: 90,
      height: 60,
    }],
    stored: true,
    message: null,
  });
  assert.deepEqual(asked, ["a"]);
  assert.equal(files.get(`${hash.slice(0, 2)}/${hash}.jpg`)?.type, "image/jpeg");
});

Deno.test("what is no photo is recorded as failed, whatever type the site names, and the next is tried", async () => {
  const { fetcher } = fetcherOf({
    page: new TextEncoder().encode("<html>Just a moment…"),
    good: sample("webpLossy"),
  });
  const { database } = storageOf();
  const found = await coverDownloader({ database, fetcher, deadline: far() })([
    "lost",
    "page",
    "good",
  ]);
  assert.deepEqual(
    found.results.map((one) => [one.url, one.kind, one.kind === "failed" ? one.code : null]),
    [["lost", "failed", "gone"], ["page", "failed", "unreadable"], ["good", "stored", null]],
  );
  assert.equal(found.stored, true);
});

Deno.test("after three broken images the vehicle is left to the queue", async () => {
  const { fetcher, asked } = fetcherOf({ e: sample("jpeg") });
  const { database } = storageOf();
  const found = await coverDownloader({ database, fetcher, deadline: far() })(["b", "c", "d", "e"]);
  assert.deepEqual(asked, ["b", "c", "d"]);
  assert.equal(found.stored, false);
  assert.equal(found.message, "it was gone");
});

Deno.test("a host that says no, or is busy, is not asked for the next image", async () => {
  for (const answer of [failed("blocked"), failed("rate_limited", { retryAt: LATER })]) {
    const { fetcher, asked } = fetcherOf({ a: answer, b: sample("jpeg") });
    const { database } = storageOf();
    const found = await coverDownloader({ database, fetcher, deadline: far() })(["a", "b"]);
    assert.deepEqual(asked, ["a"]);
    assert.equal(found.results.length, 1);
  }
  const { fetcher, asked } = fetcherOf({ a: notStarted("breaker_open", LATER), b: sample("jpeg") });
  const { database } = storageOf();
  const found = await coverDownloader({ database, fetcher, deadline: far() })(["a", "b"]);
  assert.deepEqual([asked, found.results, found.stored], [["a"], [], false]);
  assert.match(found.message ?? "", /breaker_open/);
});

Deno.test("no URL is no picture, and says so", async () => {
  const { fetcher } = fetcherOf({});
  const found = await coverDownloader({ database: storageOf().database, fetcher, deadline: far() })(
    [],
  );
  assert.deepEqual(found, { results: [], stored: false, message: "no image URL is known" });
});

Deno.test("a Storage that refuses is a failure to be tried again, not a lost image", async () => {
  const { fetcher } = fetcherOf({ a: sample("jpeg") });
  const { database } = storageOf("Bucket not found");
  const found = await coverDownloader({ database, fetcher, deadline: far() })(["a"]);
  const [result] = found.results;
  assert.ok(result?.kind === "failed" && result.code === "server_error");
  assert.match(result.error, /could not be stored: .*Bucket not found/);
});

Deno.test("a time-out of the run's own deadline is not held against the image", async () => {
  const { fetcher } = fetcherOf({ a: failed("timeout") });
  const { database } = storageOf();
  const late = await coverDownloader({ database, fetcher, deadline: Date.now() - 1 })(["a"]);
  assert.deepEqual(late.results, []);
  const early = await coverDownloader({ database, fetcher, deadline: far() })(["a"]);
  assert.equal(early.results[0]?.kind, "failed");
});
