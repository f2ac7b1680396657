import robotsParser from "robots-parser";
import type { RobotsReading } from "../../database/hosts.ts";
import { ROBOTS_TOKEN } from "../client/user_agent.ts";
import { outcomeOfStatus, statusMessage } from "../outcome.ts";
import { clean } from "../../domain/text.ts";

interface Rules {
  isAllowed(url: string, userAgent: string): boolean | undefined;
  getMatchingLineNumber(url: string, userAgent: string): number;
  getCrawlDelay(userAgent: string): number | undefined;
  getSitemaps(): string[];
}
// The package's types declare the module inside itself, so its import has none.
const parseRules = robotsParser as unknown as (url: string, text: string) => Rules;

/** What is read of a robots.txt (RFC 9309, 2.5, asks for at least 500 KiB). */
export const MAX_ROBOTS_BYTES = 500 * 1024;
/** A robots.txt that was read holds for a day (RFC 9309, 2.4). */
export const ROBOTS_FRESH_MS = 24 * 60 * 60 * 1000;
/** One that could not be read is asked for again after this. */
export const ROBOTS_RETRY_MS = 15 * 60 * 1000;
/** A crawl-delay beyond an hour counts as an hour. */
const MAX_CRAWL_DELAY_MS = 60 * 60 * 1000;

/** A host's robots.txt as it is held: the body last read, the status, why it could not be read. */
export interface HeldRobots {
  status: number | null;
  body: string | null;
  error: string | null;
}

type RobotsVerdict =
  | { kind: "allowed" }
  | { kind: "disallowed"; rule: string }
  /** It could not be read, and no earlier one is held: nothing may be fetched for a while. */
  | { kind: "unreachable"; reason: string };

/**
 * Whether robots.txt lets a URL be fetched (RFC 9309, 2.3.1): read: its rules; 4xx: everything is
 * allowed; 5xx or no answer: nothing, unless an earlier one was read, which then still holds.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const robots = { status: 200, body: "User-agent: *\nDisallow: /admin/", error: null };
 * const url = (path: string) => new URL(path, "https://cars.example.com");
 * assert.deepEqual(robotsVerdict(robots, url("/listing/1")), { kind: "allowed" });
 * assert.deepEqual(robotsVerdict(robots, url("/admin/1")), {
 *   kind: "disallowed",
 *   rule: "robots.txt, line 2: Disallow: /admin/",
 * });
 *
 * const unread = { status: 503, body: null, error: "HTTP 503" };
 * assert.equal(robotsVerdict(unread, url("/listing/1")).kind, "unreachable");
 * ```
 */
export function robotsVerdict(robots: HeldRobots, url: URL): RobotsVerdict {
  if (robots.error !== null && robots.body === null) {
    return { kind: "unreachable", reason: robots.error };
  }
  if (robots.body === null || robots.body === "") return { kind: "allowed" };
  const rules = parseRules(new URL("/robots.txt", url).href, robots.body);
  if (rules.isAllowed(url.href, ROBOTS_TOKEN) !== false) return { kind: "allowed" };
  const line = rules.getMatchingLineNumber(url.href, ROBOTS_TOKEN);
  const rule = line > 0 ? robots.body.split(/\r\n|\r|\n/)[line - 1] ?? "" : "";
  return { kind: "disallowed", rule: `robots.txt, line ${line}: ${rule.trim().slice(0, 200)}` };
}

/** What `GET /robots.txt` came to, ready to be recorded. */
export function readRobots(
  host: string,
  reply:
    | { kind: "answer"; status: number; bytes: Uint8Array }
    | { kind: "failed"; status: number | null; message: string },
): RobotsReading {
  if (reply.kind === "failed") return unreachable(host, reply.status, reply.message);
  const { status, bytes } = reply;
  if (status >= 200 && status < 300) {
    const body = clean(new TextDecoder().decode(bytes), MAX_ROBOTS_BYTES);
    return {
      host,
      status,
      body,
      error: null,
      crawl_delay_ms: crawlDelayMs(body),
      fresh_ms: ROBOTS_FRESH_MS,
    };
  }
  // 429 is a 4xx, but one that says "not now" rather than "there is none".
  if (status >= 400 && status < 500 && status !== 429) {
    return {
      host,
      status,
      body: null,
      error: null,
      crawl_delay_ms: null,
      fresh_ms: ROBOTS_FRESH_MS,
    };
  }
  return unreachable(host, status, statusMessage(status, outcomeOfStatus(status)));
}

/**
 * The crawl-delay that a robots.txt asks of this fetcher, in milliseconds; null when it asks none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(crawlDelayMs("User-agent: *\nCrawl-delay: 2.5"), 2_500);
 * assert.equal(crawlDelayMs("User-agent: *\nDisallow:"), null);
 * ```
 */
export function crawlDelayMs(body: string): number | null {
  const seconds = parseRules("https://example.com/robots.txt", body).getCrawlDelay(ROBOTS_TOKEN);
  if (seconds === undefined || !(seconds > 0)) return null;
  return Math.min(Math.round(seconds * 1000), MAX_CRAWL_DELAY_MS);
}

/** The sitemaps that a robots.txt names, as they stand there (https://www.sitemaps.org/protocol.html#submit_robots). */
export function sitemapsNamedIn(body: string): string[] {
  return parseRules("https://example.com/robots.txt", body).getSitemaps();
}

function unreachable(host: string, status: number | null, error: string): RobotsReading {
  return { host, status, body: null, error, crawl_delay_ms: null, fresh_ms: ROBOTS_RETRY_MS };
}
