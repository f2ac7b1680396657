import type { Page } from "../../domain/page.ts";
import { PAGE_KINDS, type SiteMarks, whyNoListing } from "../page_kind.ts";

/** One listing as an index page, a search page or a feed names it: enough to queue it, no more. */
export interface IndexEntry {
  /** Its address on its own site, in the form that the site itself uses. */
  url: string;
  /** Slug of the source. */
  source: string;
  title: string | null;
  year: number | null;
  make: string | null;
  model: string | null;
  /** In units of the currency; `null` when none is named, or a classified names a bait price. */
  price: number | null;
  price_kind: "bid" | "sale" | "asking" | null;
  /** ISO 4217. */
  currency: string | null;
  /**
   * When the auction ends or ended, ISO 8601 in UTC. Where the page names a day without a time it is
   * noon UTC of that day: the same calendar day in every zone of America.
   */
  ends_at: string | null;
  /** Whether it is over; `null` when the page does not say, as feeds do not. */
  ended: boolean | null;
  thumbnail_url: string | null;
  /** What else the index states, small: the site's own id, no reserve, location, chassis. */
  raw: Record<string, unknown>;
}

/** What was listed and is not queued, and why. */
export interface Skipped {
  url: string;
  title: string;
  why: string;
}

/** What an index page gave. Only `index` has entries. */
export interface IndexReading {
  /**
   * - `index`: a list was found; it may be empty.
   * - `blocked`: a bot wall, or the site refused.
   * - `unreadable`: there should be a list, and none can be read: a shell, a damaged page, new markup.
   * - `not_an_index`: a page of another kind: one listing, an article, something removed.
   */
  outcome: "index" | "blocked" | "unreadable" | "not_an_index";
  /** The evidence, for a person. */
  reason: string;
  /** Each listing once, in the page's order. */
  entries: IndexEntry[];
  /** What is listed and no vehicle, and addresses that are no listing's. */
  skipped: Skipped[];
  /** Address of the next page of the list, on the same site; `null` when the page names none. */
  next: string | null;
}

/** A reading without entries. */
export function noEntries(
  outcome: Exclude<IndexReading["outcome"], "index">,
  reason: string,
): IndexReading {
  return { outcome, reason: reason.slice(0, 500), entries: [], skipped: [], next: null };
}

/** The reading of a page in which a site's list was looked for and is not: what the page is instead. */
export function noIndex(page: Page, marks?: SiteMarks): IndexReading {
  const { kind, reason } = whyNoListing(page, marks);
  const unread = PAGE_KINDS[kind] === "unreadable" && kind !== "unknown";
  return noEntries(unread ? "unreadable" : "not_an_index", reason);
}
