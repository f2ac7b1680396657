import type { Auction, Listing } from "../../listing.ts";
import { escapeHtml, grouped, scriptJson, shortDate } from "../text.ts";
import { money } from "./bidding.ts";

/** One page of a list of auctions. */
export interface CardPage {
  listings: readonly Listing[];
  /** From 1. */
  page: number;
  pages: number;
  total: number;
  perPage: number;
}

/** How a card says what came of the auction; nothing while it runs. */
function soldText(listing: Listing, auction: Auction): string {
  if (auction.end === "live") return "";
  const price = auction.salePrice ?? auction.highBid;
  const words = auction.end === "withdrawn"
    ? "Withdrawn"
    : price === null
    ? "No Sale"
    : `${auction.salePrice === null ? "Bid to" : "Sold for"} ${money(listing, price)}`;
  return `${words} <span> on ${shortDate(auction.endsAt)} </span>`;
}

/** Titles carry signs in two ways there: as they are, and as numbered entities. */
const titled = (listing: Listing): string =>
  listing.index % 2 === 0 ? listing.title : listing.title.replace(
    /[\u0080-\uffff]/g,
    (sign) => `&#${sign.charCodeAt(0)};`,
  );

const ALPHA3: Readonly<Record<string, [string, string]>> = {
  USD: ["US", "USA"],
  GBP: ["GB", "GBR"],
  EUR: ["DE", "DEU"],
};

/** A card with every member that the real ones have; many are always null or zero there too. */
function card(listing: Listing): Record<string, unknown> {
  const { auction, currency } = listing;
  if (!auction) throw new TypeError(`not an auction: ${listing.url}`);
  const id = 110_000_000 + auction.lot;
  const live = auction.end === "live";
  const [alpha2, alpha3] = ALPHA3[currency.code] ?? ["US", "USA"];
  const bid = auction.salePrice ?? auction.highBid ?? 0;
  const image = listing.images[0];
  return {
    active: live,
    categories: null,
    comments: "0",
    current_bid: bid,
    current_bid_formatted: `${currency.code} ${currency.sign}${grouped(bid)}`,
    current_bid_label: live ? "Current Bid:" : "Bid:",
    country: null,
    country_code: alpha2,
    country_code_alpha3: alpha3,
    country_flag: "",
    currency: currency.code,
    era: null,
    excerpt: escapeHtml(listing.paragraphs[0] ?? ""),
    in_subscription: null,
    keyword_pages: null,
    lat: null,
    lon: null,
    noreserve: auction.noReserve,
    premium: false,
    processing_type: null,
    pusher: `post;list;${id}`,
    repeat: listing.relistingOf !== undefined,
    searchable: null,
    sold_text: soldText(listing, auction),
    ...(live ? {} : { sold_text_timestamp: auction.endsAt }),
    thumbnail_url: image ? `${image.url}?resize=470%2C318` : "",
    timestamp_end: auction.endsAt,
    title: titled(listing),
    url: listing.url,
    views: "0 Views",
    watch_url:
      `https://bringatrailer.com/wp-admin/admin-ajax.php?action=bat_listing_watch&listing=${id}&watch=yes`,
    watched: false,
    watchers: "0 Watchers",
    year: null,
    id,
    pusher_stats: `post;stats;${id}`,
  };
}

/** The data of a page of cards, as the page's script and the site's own JSON have it. */
export const cardData = (cards: CardPage): Record<string, unknown> => ({
  items: cards.listings.map(card),
  items_per_page: cards.perPage,
  items_total: cards.total,
  locations: 3,
  page_current: cards.page,
  pages_total: cards.pages,
});

const unicode = (json: string): string =>
  json.replace(
    /[\u0080-\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** The page of auctions that ended ("results") or run ("auctions"): a script fills an empty grid. */
export function cardsPage(cards: CardPage, kind: "completed" | "current"): string {
  const name = kind === "completed" ? "Completed" : "Current";
  const title = kind === "completed" ? "Auction Results" : "Live Auctions";
  return `<!doctype html>
<html lang="en-US">
<head><title>${title} | Bring a Trailer</title>
<link rel="canonical" href="https://bringatrailer.com/auctions/${
    kind === "completed" ? "results/" : ""
  }" />
</head>
<body class="home blog tribe-no-js loggedout bat-listings-${
    kind === "completed" ? "results" : "current"
  }">
<h3>All ${name} Auctions <div class="auction-results-anchor" id="results-anchor"></div></h3>
<div class="auctions-container column-limited-width">
    <script type='text/javascript' id='bat-theme-auctions-${kind}-initial-data'>
    /* <![CDATA[ */
    var auctions${name}InitialData = ${unicode(scriptJson(cardData(cards)))};
    /* ]]> */
    </script>
    <div id="auctions-${kind}-container" class="auctions-${kind}-container">
        <div class="listings-container auctions-grid" data-bind="visible: itemsFilteredNumber(), template: { foreach: itemsToDisplay, name: 'listing-card-template' }"></div>
    </div>
</div>
</body>
</html>
`;
}
