import type { ApplyItem, Step } from "../../database/apply.ts";
import type { Extraction } from "../../domain/extraction.ts";
import type { OutcomeCode } from "../../domain/outcome.ts";
import { extractionHash } from "../../extraction/hash.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { FetchedPage, NotStarted } from "../../fetching/result.ts";
import { extract, listingUrlOf } from "../../sources/registry.ts";

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
  const extraction = extract(result.page);
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
    hash: await extractionHash(extraction),
    pageAt: result.page.fetchedAt,
    snapshotId: result.snapshotId,
    ms: ms(),
  };
}

function step(
  step_name: string,
  status: Step["status"],
  ms: number,
  more: Partial<Step> = {},
): Step {
  return { step_name, status, duration_ms: Math.round(ms), ...more };
}

/**
 * The steps of reading a page, for `scrape_steps`: the page itself, then what was there in it. They
 * share one fetch, and its time.
 */
function pageSteps(reading: Exclude<Reading, { kind: "not_started" }>): Step[] {
  const { ms } = reading;
  if (reading.kind === "failed") {
    const { message: error_message, code: outcome_code } = reading;
    return [step("extract_data", "failed", ms, { error_message, outcome_code })];
  }
  const { extraction } = reading;
  if (extraction.outcome !== "listing") {
    return [step("extract_data", "failed", ms, {
      error_message: extraction.reason,
      outcome_code: extraction.outcome,
    })];
  }
  const part = (name: string, found: boolean, metadata?: Step["metadata"]) =>
    step(name, found ? "success" : "skipped", ms, metadata && { metadata });
  const { facts, images, bids, comments, auction } = extraction;
  return [
    step("extract_data", "success", ms, { outcome_code: reading.outcome }),
    part("extract_vin", facts.vin !== undefined),
    part("extract_images", images.length > 0, { count: images.length }),
    ...(auction === null ? [] : [part(
      "extract_comments",
      bids.length + comments.length > 0,
      { bids: bids.length, comments: comments.length },
    )]),
  ];
}

/** The part of an `ApplyItem` that says how a reading ended and what it read. */
export function applied(
  url: string,
  reading: Exclude<Reading, { kind: "not_started" }>,
): Omit<ApplyItem, "vehicle_id"> {
  if (reading.kind === "failed") {
    return {
      source_url: url,
      outcome: reading.code,
      error: reading.message,
      retry_at: reading.retryAt,
      steps: pageSteps(reading),
    };
  }
  const { extraction } = reading;
  const read = {
    source_url: url,
    outcome: reading.outcome,
    page_at: reading.pageAt,
    snapshot_id: reading.snapshotId,
    method: extraction.scraper.name,
    scraper_version: extraction.scraper.version,
    extraction_hash: reading.hash,
    steps: pageSteps(reading),
  };
  if (extraction.outcome !== "listing") return { ...read, error: extraction.reason };
  return {
    ...read,
    facts: extraction.facts,
    retractions: extraction.retractions,
    absent: extraction.absent,
    images: extraction.images,
    ...(extraction.auction === null
      ? {}
      : { auction: extraction.auction, bids: extraction.bids, comments: extraction.comments }),
  };
}
