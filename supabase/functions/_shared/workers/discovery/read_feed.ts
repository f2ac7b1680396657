import type { ListingFeed } from "../../database/feeds.ts";
import type { IndexEntry } from "../../extraction/index/reading.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { Failed, NotStarted, Validators } from "../../fetching/result.ts";
import { readIndex } from "../../sources/read_index.ts";

/** What a feed's pages show, all together. */
export interface FeedReading {
  kind: "read";
  /** `ok`, `not_modified`, or why nothing was read. */
  outcome: string;
  error: string | null;
  retryAt: string | null;
  /** Each listing once. */
  entries: IndexEntry[];
  /** Entries that are no vehicles, with why. */
  skipped: { url: string; title: string; why: string }[];
  pages: number;
  /** To ask next time only if the page changed; null unless all of it was read. */
  validators: Validators | null;
  /** Other sitemaps that it names. */
  sitemaps?: { url: string; lastmod: string | null }[];
}

type Nothing = Pick<FeedReading, "outcome" | "error"> & { retryAt?: string | null };

/** A feed that gave nothing, and why. */
export function nothing({ outcome, error, retryAt = null }: Nothing, pages: number): FeedReading {
  const none = { entries: [], skipped: [], validators: null };
  return { kind: "read", outcome, error, retryAt, pages, ...none };
}

/** A feed whose page did not come: refused, or not changed. */
export function unread({ code, message, retryAt }: Failed): FeedReading {
  return nothing({ outcome: code, error: code === "not_modified" ? null : message, retryAt }, 1);
}

/**
 * Fetches a feed's page, only if it changed, and a few pages that it leads to, and reads them. No
 * snapshot is kept: such a page is another one every hour. Pages after the first that bring nothing
 * end the reading and do no harm.
 * @param morePages how many pages after the first may be asked for.
 * @throws DatabaseError when the database fails.
 */
export async function readFeed(
  fetcher: Pick<Fetcher, "page">,
  feed: Pick<ListingFeed, "url" | "validators"> & Partial<Pick<ListingFeed, "patterns">>,
  morePages: number,
): Promise<FeedReading | NotStarted> {
  const entries = new Map<string, IndexEntry>();
  const skipped: FeedReading["skipped"] = [];
  const seen = new Set<string>();
  let validators: Validators | null = null;
  let next: string | null = feed.url;

  while (next !== null && !seen.has(next) && seen.size <= morePages) {
    const first = seen.size === 0;
    seen.add(next);
    const fetched = await fetcher.page(next, {
      keepSnapshot: false,
      ...(first && feed.validators !== null ? { ifChanged: feed.validators } : {}),
    });
    if (fetched.kind !== "page") {
      if (!first) break;
      if (fetched.kind === "not_started") return fetched;
      return unread(fetched);
    }
    const reading = readIndex(fetched.page, feed.patterns);
    if (reading.outcome !== "index") {
      if (!first) break;
      return nothing({ outcome: reading.outcome, error: reading.reason }, 1);
    }
    for (const entry of reading.entries) entries.set(entry.url, entries.get(entry.url) ?? entry);
    skipped.push(...reading.skipped);
    if (first) validators = fetched.validators ?? null;
    next = reading.next;
  }
  return {
    kind: "read",
    outcome: "ok",
    error: null,
    retryAt: null,
    entries: [...entries.values()],
    skipped,
    pages: seen.size,
    // A later page may change while the first does not.
    validators: seen.size === 1 ? validators : null,
  };
}
