import type { OutcomeCode } from "../domain/outcome.ts";
import type { Page } from "../domain/page.ts";
import { botWall } from "../extraction/bot_wall.ts";
import { decodeText, mediaType } from "./client/charset.ts";
import type { Reply } from "./client/redirects.ts";
import { retryAfterMs } from "./client/retry_after.ts";
import { outcomeOfStatus, statusMessage } from "./outcome.ts";

/** A 429 that does not say how long to wait is taken to mean a minute. */
const DEFAULT_WAIT_MS = 60_000;

export interface ResponseClass {
  code: OutcomeCode;
  status: number | null;
  /** Why it is no page; null for a good one. */
  message: string | null;
  /** How long the host asks to wait; null when it does not. */
  waitMs: number | null;
  /** When to try again where it is known for another reason, ISO 8601. */
  retryAt: string | null;
  /** The answer as a page where it was looked at as one, so that it is decoded once. */
  page: Page | null;
}

/**
 * What an answer or its absence comes to, before anything is read from it.
 *
 * @param url the URL that was asked for, when it is not the one that answered.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const answer = (status: number, headers: Record<string, string> = {}) =>
 *   classifyResponse({
 *     kind: "answer",
 *     url: new URL("https://cars.example.com/listing/1"),
 *     status,
 *     headers: new Headers(headers),
 *     bytes: new TextEncoder().encode("<h1>1990 BMW M3</h1>"),
 *   }, Date.now());
 * assert.equal(answer(200, { "content-type": "text/html" }).code, "ok");
 * assert.equal(answer(410).code, "gone");
 * const { code, waitMs } = answer(429, { "retry-after": "30" });
 * assert.deepEqual({ code, waitMs }, { code: "rate_limited", waitMs: 30_000 });
 * ```
 */
export function classifyResponse(
  reply: Exclude<Reply, { kind: "not_started" }>,
  now: number,
  url?: string,
): ResponseClass {
  if (reply.kind === "failed") {
    const { code, status, message, retryAt } = reply;
    return { code, status, message, waitMs: null, retryAt, page: null };
  }
  const { status, headers } = reply;
  let code = outcomeOfStatus(status);
  let message = code === "ok" || code === "not_modified" ? null : statusMessage(status, code);
  const page = code === "rate_limited" || !isText(reply) ? null : pageOf(reply, now, url);
  const wall = page === null ? null : botWall(page);
  if (wall !== null) {
    code = "blocked";
    message = `${wall.vendor} bot wall (${wall.evidence}, HTTP ${status})`;
  }
  const asked = code === "ok" || code === "gone" ? null : retryAfterMs(headers, now);
  const waitMs = asked ?? (code === "rate_limited" ? DEFAULT_WAIT_MS : null);
  return { code, status, message, waitMs, retryAt: null, page };
}

/** An answer as a page. @param url the URL that was asked for, when it is not the one that answered. */
export function pageOf(
  reply: Extract<Reply, { kind: "answer" }>,
  now: number,
  url = reply.url.href,
): Page {
  const contentType = reply.headers.get("content-type") ?? "";
  return {
    url,
    status: reply.status,
    contentType: mediaType(contentType),
    body: decodeText(reply.bytes, contentType),
    fetchedAt: new Date(now).toISOString(),
  };
}

/** Whether an answer can be a page a person reads, a bot wall among them. */
function isText(reply: Extract<Reply, { kind: "answer" }>): boolean {
  const type = mediaType(reply.headers.get("content-type") ?? "");
  return reply.bytes.length > 0 && (type === "" || /^text\/|html|xml|json/.test(type));
}
