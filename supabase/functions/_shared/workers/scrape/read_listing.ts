import type { Extraction } from "../../domain/extraction.ts";
import type { OutcomeCode } from "../../domain/outcome.ts";
import { extractionHash } from "../../extraction/hash.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { FetchedPage, NotStarted } from "../../fetching/result.ts";
import { extract, listingUrlOf } from "../../sources/registry.ts";

/** Where a reading came from; null when there was none. */
export type PageFrom = "snapshot" | "site" | null;

/** What came of reading one listing. */
export type Reading =
  | {
    kind: "read";
    outcome: OutcomeCode;
    /** Whether the site was asked for it now. */
    from: FetchedPage["from"];
    /** The address that the page names as its own; null where it names none. */
    listingUrl: string | null;
    extraction: Extraction;
    hash: string;
    pageAt: string;
    snapshotId: string | null;
    /** How long it took, milliseconds, with what was waited for the host. */
    ms: number;
  }
  | { kind: "failed"; code: OutcomeCode; message: string; retryAt: string | null; ms: number }
  | NotStarted;

/** How old the snapshot of a live auction may be, milliseconds: bids come by the minute. */
const LIVE_AUCTION_MS = 60_000;

/**
 * How old the snapshot of a listing may be, milliseconds, so that its site is not asked again: the
 * two steps of an extraction, and those who were asked for the same vehicle, share one fetch.
 */
export const FRESH_MS = 5 * 60_000;

/** How a listing is read. */
export interface ReadOptions {
  /** Keep the page; default true. */
  keepSnapshot?: boolean;
  /** The snapshot will do when it was seen within so many milliseconds and is still worth reading. */
  maxAgeMs?: number;
}

/** Whether the snapshot of a listing says nothing of today: no listing, or an auction that went on. */
function isPast({ outcome, auction }: Extraction, fetchedAt: string): boolean {
  if (outcome !== "listing") return true;
  if (auction?.outcome !== "live") return false;
  const ended = auction.ends_at !== null && Date.parse(auction.ends_at) <= Date.now();
  return ended || Date.parse(fetchedAt) < Date.now() - LIVE_AUCTION_MS;
}

/** Where the page of a reading came from; what the site called unchanged came from the site. */
export function pageFrom(reading: Reading): PageFrom {
  if (reading.kind !== "read") return null;
  return reading.from === "snapshot" ? "snapshot" : "site";
}

/** A page that was extracted, as the outcome code of the attempt. */
function outcomeOf(
  extraction: Extraction,
  from: FetchedPage["from"],
): OutcomeCode {
  if (extraction.outcome !== "listing") return extraction.outcome;
  return from === "site" ? "ok" : "not_modified";
}

/** Fetches a listing once and reads all that its page says. Never throws for what a site does. */
export async function readListing(
  fetcher: Fetcher,
  url: string,
  options: ReadOptions = {},
  begun = Date.now(),
): Promise<Reading> {
  const result = await fetcher.page(url, options);
  if (result.kind === "not_started") return result;
  const ms = () => Date.now() - begun;
  if (result.kind === "failed") return { ...result, ms: ms() };
  const extraction = extract(result.page, await fetcher.lookup.maps());
  if (result.from === "snapshot" && isPast(extraction, result.page.fetchedAt)) {
    return await readListing(fetcher, url, { ...options, maxAgeMs: undefined }, begun);
  }
  if (extraction.outcome === "blocked") {
    const message = extraction.reason;
    return { kind: "failed", code: "blocked", message, retryAt: null, ms: ms() };
  }
  return {
    kind: "read",
    outcome: outcomeOf(extraction, result.from),
    from: result.from,
    listingUrl: listingUrlOf(result.page),
    extraction,
    hash: extractionHash(extraction),
    pageAt: result.page.fetchedAt,
    snapshotId: result.snapshotId,
    ms: ms(),
  };
}
