import assert from "node:assert/strict";
import { classifyResponse } from "./classify_response.ts";

const NOW = Date.parse("2025-01-01T00:00:00Z");
function answer(status: number, body = "x", headers: Record<string, string> = {}) {
  return classifyResponse({
    kind: "answer",
    url: new URL("https://cars.example/1"),
    status,
    headers: new Headers({ "content-type": "text/html", ...headers }),
    bytes: new TextEncoder().encode(body),
  }, NOW);
}
const WALL = "<title>Just a moment...</title>";

Deno.test("a page that is served has nothing to say against it", () => {
  const { page, ...said } = answer(200, "<h1>1990 BMW M3</h1>");
  assert.deepEqual(said, {
    code: "ok",
    status: 200,
    message: null,
    waitMs: null,
    retryAt: null,
  });
  assert.equal(page?.body, "<h1>1990 BMW M3</h1>");
});

Deno.test("an answer that nobody reads as a page is none", () => {
  assert.equal(answer(200, "x", { "content-type": "image/png" }).page, null);
  assert.equal(answer(200, "").page, null);
});

Deno.test("a bot wall is blocked whatever its status, and says whose it is", () => {
  for (const status of [200, 403, 404, 503]) {
    const classified = answer(status, WALL);
    assert.equal(classified.code, "blocked", `HTTP ${status}`);
    assert.match(classified.message ?? "", /Cloudflare/);
  }
});

Deno.test("429 stays rate_limited behind a bot wall, and waits a minute unless it says how long", () => {
  assert.deepEqual([answer(429, WALL).code, answer(429).waitMs], ["rate_limited", 60_000]);
  assert.equal(answer(429, "x", { "retry-after": "7" }).waitMs, 7_000);
});

Deno.test("an image is not taken for a bot wall", () => {
  assert.equal(answer(200, WALL, { "content-type": "image/png" }).code, "ok");
});

Deno.test("Retry-After counts with a failure, not with a page or with one that is gone", () => {
  const later = { "retry-after": "30" };
  assert.equal(answer(503, "x", later).waitMs, 30_000);
  assert.equal(answer(403, "x", later).waitMs, 30_000);
  assert.equal(answer(200, "x", later).waitMs, null);
  assert.equal(answer(404, "x", later).waitMs, null);
});

Deno.test("what was never answered keeps its own reason", () => {
  const reason = { code: "network", status: null, message: "refused", retryAt: null } as const;
  assert.deepEqual(classifyResponse({ kind: "failed", ...reason }, NOW), {
    ...reason,
    waitMs: null,
    page: null,
  });
});
