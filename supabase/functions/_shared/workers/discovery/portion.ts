import type { DatabaseClient } from "../../database/client.ts";
import { knownListings, type ListingFeed } from "../../database/feeds.ts";
import type { IndexEntry } from "../../extraction/index/reading.ts";

/** New listings that one check of a sitemap queues, at most: the newest first, the rest at later checks. */
const PORTION = 1_000;
/** Addresses that are looked up at once. */
const LOOKED_UP = 2_000;

interface Portion {
  /** What is queued now. */
  entries: IndexEntry[];
  /** Listings that are held or queued already and are left out. */
  known: number;
  /** Whether others are left that could not be queued now. */
  more: boolean;
}

/**
 * The part of what a feed shows that is queued now. Of a sitemap, which names all that there is, only
 * what is not known yet, a portion at a time; of a source in probation no more than it is still
 * allowed. @throws DatabaseError
 */
export async function nextPortion(
  database: DatabaseClient,
  { kind, still_allowed }: Pick<ListingFeed, "kind" | "still_allowed">,
  shown: readonly IndexEntry[],
): Promise<Portion> {
  if (kind !== "sitemap" && still_allowed === null) {
    return { entries: [...shown], known: 0, more: false };
  }
  const most = Math.min(still_allowed ?? PORTION, PORTION);
  const portion: Portion = { entries: [], known: 0, more: false };
  for (let at = 0; at < shown.length; at += LOOKED_UP) {
    const some = shown.slice(at, at + LOOKED_UP);
    const known = await knownListings(database, some.map(({ url }) => url));
    for (const entry of some) {
      if (known.has(entry.url)) portion.known++;
      else if (portion.entries.length < most) portion.entries.push(entry);
      else return { ...portion, more: true };
    }
  }
  return portion;
}
