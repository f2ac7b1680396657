import type { OutcomeCode } from "../domain/outcome.ts";

/** What an HTTP status means for a listing, apart from redirects and bot walls. */
export function outcomeOfStatus(status: number): OutcomeCode {
  if (status === 200 || status === 203) return "ok";
  if (status === 304) return "not_modified";
  if (status === 404 || status === 410) return "gone";
  if (status === 429 || status === 425) return "rate_limited";
  if (status === 408) return "timeout";
  if ([401, 402, 403, 407, 418, 423, 451].includes(status) || status >= 600) return "blocked";
  if (status >= 500) return "server_error";
  if (status >= 400) return "invalid";
  // Other 2xx bring no page; a 3xx that cannot be followed is the site's mistake.
  return status >= 200 && status < 300 ? "unreadable" : "server_error";
}

/** Whether the host refused to serve: such answers in a row open its breaker. */
export function isRefusal(code: OutcomeCode): boolean {
  return code === "rate_limited" || code === "blocked";
}

/** Whether an answer must be recorded at once, because the breaker or a wait may follow from it. */
export function mattersToBreaker(code: OutcomeCode): boolean {
  return isRefusal(code) || code === "timeout" || code === "network" || code === "server_error";
}

/** What is said of a status to a person. */
export function statusMessage(status: number, code: OutcomeCode): string {
  switch (code) {
    case "gone":
      return `the site says that the page is gone (HTTP ${status})`;
    case "rate_limited":
      return `the site asks to slow down (HTTP ${status})`;
    case "blocked":
      return `the site refuses (HTTP ${status})`;
    case "server_error":
      return `the site failed (HTTP ${status})`;
    case "timeout":
      return `the site gave up waiting (HTTP ${status})`;
    case "unreadable":
      return `the answer holds no page (HTTP ${status})`;
    default:
      return `HTTP ${status}`;
  }
}
