import assert from "node:assert/strict";
import type { ImageBacklog } from "../../database/images.ts";
import { imageVerdict } from "./image_verdict.ts";

const backlog = (counts: Partial<ImageBacklog>): ImageBacklog => ({
  vehicle_id: "6f0c3d52-0000-4000-8000-000000000000",
  urls: 10,
  images: 0,
  due: 0,
  waiting: 0,
  leased: 0,
  failed: 0,
  gone: 0,
  next_attempt_at: null,
  last_error: null,
  ...counts,
});
const trouble = (outcome: "unreadable" | "invalid" | "timeout", last_error: string) => ({
  vehicle_id: "6f0c3d52-0000-4000-8000-000000000000",
  outcome,
  last_error,
});

Deno.test("all images there, or removed by the site: done", () => {
  assert.deepEqual(imageVerdict(backlog({ images: 8, gone: 2 }), false, []), {
    kind: "done",
    outcome: "ok",
    error: null,
  });
});

Deno.test("images that came without a URL are there, and nothing is wrong with them", () => {
  assert.deepEqual(imageVerdict(backlog({ urls: 0, images: 3 }), false, []), {
    kind: "done",
    outcome: "ok",
    error: null,
  });
});

Deno.test("images that wait are released until the first of them is due", () => {
  const at = "2026-11-22T08:00:00Z";
  const one = imageVerdict(backlog({ images: 8, waiting: 2, next_attempt_at: at }), false, []);
  assert.equal(one.kind, "not_started");
  assert.equal(one.kind === "not_started" && one.retryAt, at);
});

Deno.test("images in the hands of another worker are looked at again when its lease has run out", () => {
  const one = imageVerdict(backlog({ leased: 4, urls: 4 }), true, []);
  assert.equal(one.kind, "not_started");
  const wait = one.kind === "not_started" ? Date.parse(one.retryAt) - Date.now() : 0;
  assert.ok(wait > 20_000 && wait <= 30_000, `${wait} ms`);
});

Deno.test("images that were given new attempts and wait again have failed this try", () => {
  const one = imageVerdict(
    backlog({ images: 8, waiting: 2, next_attempt_at: "2026-11-22T08:00:00Z" }),
    true,
    [trouble("timeout", "no answer")],
  );
  assert.deepEqual(one, {
    kind: "done",
    outcome: "timeout",
    error: "2 of 10 images could not be downloaded: no answer",
  });
});

Deno.test("a failure that can heal is named before one that cannot", () => {
  const troubles = [trouble("invalid", "file: URL"), trouble("unreadable", "an HTML page")];
  const one = imageVerdict(backlog({ images: 8, failed: 2 }), true, troubles);
  assert.ok(one.kind === "done");
  assert.equal(one.outcome, "unreadable");
  const never = imageVerdict(backlog({ images: 9, failed: 1 }), true, troubles.slice(0, 1));
  assert.ok(never.kind === "done");
  assert.equal(never.outcome, "invalid", "and such a row is not tried again");
});

Deno.test("without any known URL there is nothing to download, and that is said", () => {
  const one = imageVerdict(backlog({ urls: 0 }), false, []);
  assert.ok(one.kind === "done");
  assert.equal(one.outcome, "invalid");
  assert.match(one.error ?? "", /extract_images/);
});
