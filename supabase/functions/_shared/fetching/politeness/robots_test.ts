import assert from "node:assert/strict";
import fc from "fast-check";
import {
  crawlDelayMs,
  MAX_ROBOTS_BYTES,
  readRobots,
  ROBOTS_FRESH_MS,
  ROBOTS_RETRY_MS,
  robotsVerdict,
} from "./robots.ts";
import { cpuClock } from "../../domain/testing/cpu_clock.ts";

const page = new URL("https://example.com/listing/1?x=2");
const held = (body: string | null, error: string | null = null) => ({ status: 200, body, error });
const answer = (status: number, body = "") => ({
  kind: "answer" as const,
  status,
  bytes: new TextEncoder().encode(body),
});

Deno.test("a rule for everyone holds for us", () => {
  const verdict = robotsVerdict(held("User-agent: *\nDisallow: /listing/"), page);
  assert.equal(verdict.kind, "disallowed");
  assert.match(verdict.kind === "disallowed" ? verdict.rule : "", /line 2: Disallow: \/listing\//);
});

Deno.test("a group that names us holds instead of the one for everyone", () => {
  const both = "User-agent: *\nDisallow: /\n\nUser-agent: VehicleDatabase\nAllow: /\n";
  assert.equal(robotsVerdict(held(both), page).kind, "allowed");
  const other = "User-agent: *\nAllow: /\n\nUser-agent: vehicledatabase\nDisallow: /\n";
  assert.equal(robotsVerdict(held(other), page).kind, "disallowed");
});

Deno.test("the longest rule wins, and wildcards and the query count", () => {
  const text = "User-agent: *\nDisallow: /listing/\nAllow: /listing/1\nDisallow: /*?x=3";
  assert.equal(robotsVerdict(held(text), page).kind, "allowed");
  assert.equal(robotsVerdict(held(text), new URL("https://example.com/a?x=3")).kind, "disallowed");
});

Deno.test("no robots.txt, an empty one, or a page of HTML in its place allow everything", () => {
  for (const body of [null, "", "<!doctype html><title>Not found</title>"]) {
    assert.equal(robotsVerdict(held(body), page).kind, "allowed");
  }
});

Deno.test("the rules hold for http and https alike", () => {
  const rules = held("User-agent: *\nDisallow: /");
  assert.equal(robotsVerdict(rules, new URL("http://www.example.com/a")).kind, "disallowed");
});

Deno.test("4xx means that there is none, for a day", () => {
  for (const status of [400, 401, 403, 404, 410]) {
    const reading = readRobots("example.com", answer(status));
    assert.deepEqual([reading.body, reading.error, reading.fresh_ms], [
      null,
      null,
      ROBOTS_FRESH_MS,
    ]);
    assert.equal(robotsVerdict(reading, page).kind, "allowed");
  }
});

Deno.test("5xx, 429 and no answer forbid everything for a while", () => {
  const readings = [500, 503, 429].map((status) => readRobots("example.com", answer(status)));
  readings.push(
    readRobots("example.com", { kind: "failed", status: null, message: "connection refused" }),
  );
  for (const reading of readings) {
    assert.equal(reading.fresh_ms, ROBOTS_RETRY_MS);
    assert.equal(robotsVerdict(reading, page).kind, "unreachable");
  }
});

Deno.test("a robots.txt that was read earlier still holds while the site does not answer", () => {
  assert.equal(robotsVerdict(held("User-agent: *\nAllow: /", "HTTP 503"), page).kind, "allowed");
  const strict = held("User-agent: *\nDisallow: /listing/", "HTTP 503");
  assert.equal(robotsVerdict(strict, page).kind, "disallowed");
});

Deno.test("crawl-delay is read for us, in seconds, at most an hour", () => {
  assert.equal(crawlDelayMs("User-agent: *\nCrawl-delay: 2.5"), 2_500);
  assert.equal(crawlDelayMs("User-agent: other\nCrawl-delay: 9"), null);
  assert.equal(crawlDelayMs("User-agent: *\nCrawl-delay: 999999"), 3_600_000);
  for (const odd of ["-1", "0", "soon", "Infinity"]) {
    const delay = crawlDelayMs(`User-agent: *\nCrawl-delay: ${odd}`);
    assert.ok(delay === null || delay <= 3_600_000, `${odd}: ${delay}`);
  }
});

Deno.test("whatever a robots.txt holds, it can be stored and gives a verdict", () => {
  const byte = fc.uint8Array({ maxLength: 400 });
  fc.assert(fc.property(byte, (bytes) => {
    const reading = readRobots("example.com", { kind: "answer", status: 200, bytes });
    assert.ok(!(reading.body ?? "").includes("\0"));
    assert.notEqual(robotsVerdict(reading, page).kind, "unreachable");
  }));
});

Deno.test("a robots.txt of 500 KB is judged within three seconds", () => {
  const line = "Disallow: /*a*b*c*d$\n";
  const body = `User-agent: *\n${line.repeat(Math.floor(MAX_ROBOTS_BYTES / line.length) - 1)}`;
  const cpuMs = cpuClock();
  robotsVerdict(held(body), new URL(`https://example.com/${"a".repeat(200)}`));
  assert.ok(cpuMs() < 3_000);
});
