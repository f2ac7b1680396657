import type { OutcomeCode } from "../domain/outcome.ts";
import type { Page } from "../domain/page.ts";

/** Nothing was asked, and nothing is held against the one who wanted it; try again at `retryAt`. */
export interface NotStarted {
  kind: "not_started";
  reason: "host_busy" | "breaker_open" | "deadline";
  message: string;
  /** ISO 8601 in UTC. */
  retryAt: string;
}

/** The attempt was made, or can never be made, and brought no page. */
export interface Failed {
  kind: "failed";
  code: OutcomeCode;
  /** HTTP status of the last answer; null when there was none. */
  status: number | null;
  message: string;
  /** Not before this time, ISO 8601 in UTC; null when the site did not say. */
  retryAt: string | null;
}

/** What a site said of a page's version, to ask for the page only if it changed. */
export interface Validators {
  /** The address that they hold for: where redirects led. */
  final_url: string;
  etag: string | null;
  last_modified: string | null;
}

export interface FetchedPage {
  kind: "page";
  page: Page;
  /** Its row of `page_snapshots`, written at the next `flush()`; null when it was not kept. */
  snapshotId: string | null;
  from: "site" | "not_modified" | "snapshot";
  /** Given with a page that comes from the site. */
  validators?: Validators;
}

interface FetchedBytes {
  kind: "bytes";
  bytes: Uint8Array;
  /** Media type without parameters, lower case; `""` when the site sent none. */
  contentType: string;
  status: number;
  /** Given with an answer of the site. */
  validators?: Validators;
}

export type FetchResult = FetchedPage | Failed | NotStarted;
export type BytesResult = FetchedBytes | Failed | NotStarted;
