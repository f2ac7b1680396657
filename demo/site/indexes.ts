import type { Catalogue } from "./catalogue.ts";
import { AUCTION_HOST } from "./extras.ts";
import type { Listing } from "./listing.ts";
import { cardData, type CardPage, cardsPage } from "./markup/bringatrailer/cards.ts";
import { feed } from "./markup/bringatrailer/feed.ts";
import type { MirrorTarget } from "./mirror.ts";
import { hash32 } from "./random.ts";

/** Cards on a page of the real site. */
const CARDS_PER_PAGE = 36;
const FEED_ITEMS = 10;
const HTML = "text/html; charset=utf-8";

/** The pages that list auctions. */
interface Indexes {
  /** The answer for an address that is an index page, a feed or the site's JSON; null for others. */
  answer(request: Request, target: MirrorTarget): Response | null;
  /** The listings that the first page of a list, or the feed, names now. */
  listed(list: "completed" | "current" | "feed"): Listing[];
}

/** What is listed: enough of each auction to order all of them without building any twice. */
interface Known {
  index: number;
  url: string;
  startsAt: number;
  endsAt: number;
  live: boolean;
}

const known = (listing: Listing): Known => ({
  index: listing.index,
  url: listing.url,
  startsAt: listing.auction?.startsAt ?? 0,
  endsAt: listing.auction?.endsAt ?? 0,
  live: listing.auction?.end === "live",
});

/** A body with a validator, or 304 to who holds it already. */
function validated(request: Request, body: string, type: string): Response {
  const etag = `"${hash32(body).toString(16)}"`;
  const headers = { etag, "content-type": type };
  return request.headers.get("if-none-match") === etag
    ? new Response(null, { status: 304, headers })
    : new Response(body, { headers });
}

/**
 * Results, live auctions and feed of Bring a Trailer, over all of its listings in the catalogue.
 * `now` gives a listing as its page shows it at this moment, so that no card says anything else.
 */
export function createIndexes(
  catalogue: Catalogue,
  now: (listing: Listing) => Listing,
  changed: (url: string) => boolean,
  perPage = CARDS_PER_PAGE,
): Indexes {
  let all: Known[] | null = null;
  const listed = (): Known[] => {
    all ??= [
      ...Array.from(
        { length: catalogue.counts[AUCTION_HOST] ?? 0 },
        (_, i) => catalogue.at(AUCTION_HOST, i),
      ),
      ...catalogue.extras(),
    ].flatMap((listing) => listing ? known(listing) : []);
    return all.map((it) => changed(it.url) ? { ...known(shown(it)), index: it.index } : it);
  };
  const shown = (it: Known): Listing => {
    const listing = catalogue.at(AUCTION_HOST, it.index);
    if (!listing) throw new RangeError(`no auction ${it.index}`);
    return now(listing);
  };
  const pageOf = (kind: "completed" | "current", page: number): CardPage => {
    const some = listed().filter((it) => it.live === (kind === "current"))
      .sort((a, b) => kind === "current" ? a.endsAt - b.endsAt : b.endsAt - a.endsAt);
    return {
      listings: some.slice((page - 1) * perPage, page * perPage).map(shown),
      page,
      pages: Math.ceil(some.length / perPage),
      total: some.length,
      perPage,
    };
  };
  const newest = (): Listing[] =>
    listed().sort((a, b) => b.startsAt - a.startsAt).slice(0, FEED_ITEMS).map(shown);

  return {
    listed: (list) => list === "feed" ? newest() : [...pageOf(list, 1).listings],
    answer(request, target) {
      if (target.host.replace(/^www\./, "") !== AUCTION_HOST) return null;
      const query = new URLSearchParams(target.search);
      const page = Math.max(1, Number(query.get("page") ?? 1) || 1);
      switch (target.path.replace(/\/$/, "")) {
        case "/auctions/results":
          return validated(request, cardsPage(pageOf("completed", page), "completed"), HTML);
        case "/auctions":
          return validated(request, cardsPage(pageOf("current", page), "current"), HTML);
        case "/wp-json/bringatrailer/1.0/data/listings-filter": {
          const kind = query.get("state") === "live" ? "current" : "completed";
          const body = JSON.stringify(cardData(pageOf(kind, page)));
          return validated(request, body, "application/json; charset=UTF-8");
        }
        case "/feed":
          return validated(request, feed(newest()), "application/rss+xml; charset=UTF-8");
        default:
          return null;
      }
    },
  };
}
