import type { AuctionComment, Bid } from "../../domain/extraction.ts";
import { labelledList } from "../../html/labelled_list.ts";
import {
  attribute,
  closedElementWith,
  elements,
  elementWith,
  isClosed,
} from "../../html/regions.ts";
import { countIn, oneLine, paragraphs } from "../../html/text.ts";
import { dateIn } from "../../vehicle/dates.ts";
import { moneyIn } from "../../vehicle/money.ts";
import { type CabAuction, largestPhoto } from "./auction.ts";
import { resultShown, type ShownResult } from "./result_shown.ts";

/** Whether a page is that of one auction, as a browser has filled it. */
export function isRenderedAuction(html: string): boolean {
  return html.includes('class="quick-facts') ||
    /\bclass="[^"<>]{0,200}\bauction-(?:details|title|heading)\b/.test(html);
}

/** Reads the page of an auction that a browser rendered; `null` when its facts are not in it. */
export function readRendered(html: string): CabAuction | null {
  const facts = labelledList(elementWith(html, 'class="quick-facts', 0, 100_000));
  if (facts.size === 0) return null;
  const heading = elementWith(html, "auction-heading", 0, 50_000) ||
    elementWith(html, 'class="auction-title', 0, 50_000);
  const fact = (label: string) => facts.get(label)?.text ?? null;
  const stats = statsOf(html);
  const thread = elementWith(html, 'class="thread', 0, 3_000_000);
  const entries = elements(thread, "li", 3_000);
  const bids = entries.flatMap(bidOf);
  const shown: ShownResult = {
    bar: elementWith(html, 'class="bid-stats', 0, 50_000),
    box: elementWith(html, 'class="current-bid', 0, 50_000),
    bids,
    notices: entries.filter((entry) => attribute(entry, "class")?.includes("system-comment"))
      .map((entry) => oneLine(entry)),
  };
  const reserve = oneLine(elementWith(html, 'id="auction-jump"', 0, 20_000));
  return {
    form: "quick facts",
    title: oneLine(elements(heading, "h1", 1)[0] ?? ""),
    subtitle: oneLine(elements(heading, "h2", 1)[0] ?? ""),
    year: null,
    make: fact("make"),
    model: fact("model"),
    mileage: fact("mileage"),
    vin: fact("vin"),
    engine: fact("engine"),
    drivetrain: fact("drivetrain"),
    transmission: fact("transmission"),
    bodyStyle: fact("body style"),
    color: fact("exterior color"),
    interiorColor: fact("interior color"),
    location: fact("location"),
    seller: userIn(facts.get("seller")?.markup ?? "") ?? fact("seller"),
    buyer: buyerIn(shown.box),
    description: descriptionOf(html),
    result: resultShown(shown),
    bidCount: countIn(closedElementWith(shown.bar, "num-bids")) ?? stats.count("bids"),
    commentCount: countIn(closedElementWith(shown.bar, "num-comments")),
    viewCount: stats.count("views"),
    watcherCount: stats.count("watching"),
    noReserve: /\bno reserve\b/i.test(reserve) ? true : /\breserve\b/i.test(reserve) ? false : null,
    endsAt: null,
    endDate: dateIn(stats.text("ended")),
    images: photosOf(html),
    bids,
    comments: entries.flatMap(commentOf),
  };
}

/** The table under the comments' heading: Seller, Ending or Ended, Bids, Views, Watching. */
function statsOf(
  html: string,
): { text(label: string): string; count(label: string): number | null } {
  const rows = elements(elementWith(html, 'class="stats"', 0, 100_000), "li", 20).map((row) => ({
    label: oneLine(closedElementWith(row, 'class="th')).toLowerCase(),
    markup: closedElementWith(row, 'class="td'),
  }));
  const markup = (label: string) => rows.find((row) => row.label === label)?.markup ?? "";
  return { text: (label) => oneLine(markup(label)), count: (label) => countIn(markup(label)) };
}

/** The name of the member whose page an element links to. */
function userIn(markup: string): string | null {
  const link = /<a\b[^<>]{0,300}\bhref="\/user\/[^<>]{0,300}>/i.exec(markup)?.[0];
  return (link === undefined ? null : attribute(link, "title")) || null;
}

/** "Sold to x": the member whom the box of an ended auction names with the sale. */
function buyerIn(box: string): string | null {
  return /\bsold (?:after )?to\b/i.test(oneLine(box)) ? userIn(box) : null;
}

function bidOf(entry: string): Bid[] {
  if (!/\bbid\b/.test(attribute(entry, "class") ?? "")) return [];
  const id = attribute(entry, "data-id");
  const sum = moneyIn(oneLine(closedElementWith(entry, "bid-value")));
  if (!id || sum === null) return [];
  // The page says "15 hours ago", which is no time.
  return [{
    source_id: id,
    amount: sum.amount,
    currency: "USD",
    bidder: userIn(entry),
    placed_at: null,
  }];
}

function commentOf(entry: string): AuctionComment[] {
  const id = attribute(entry, "data-id");
  if (!id || attribute(entry, "class")?.trim() !== "comment") return [];
  const head = closedElementWith(entry, 'class="username"');
  return [{
    source_id: id,
    author: userIn(head),
    body: paragraphs(closedElementWith(entry, 'class="message"', 0, 200_000)),
    posted_at: null,
    is_seller: head === "" ? null : head.includes('class="seller"'),
  }];
}

const SECTIONS = ["dougs-take", "detail-highlights"];

/** The editor's words on the car: "Doug's Take" and the highlights. */
function descriptionOf(html: string): string {
  return SECTIONS.map((name) => {
    const section = elementWith(html, `detail-section ${name}`, 0, 200_000);
    const body = elementWith(section, 'class="detail-body"', 0, 200_000);
    return isClosed(body) ? paragraphs(body) : "";
  }).filter((text) => text !== "").join("\n\n");
}

function photosOf(html: string): string[] {
  const gallery = elementWith(html, 'class="gallery-preview', 0, 2_000_000);
  return [...gallery.matchAll(/<img\b[^<>]{0,5000}>/gi)]
    .map(([tag]) => attribute(tag, "src") ?? "")
    .filter((url) => url.includes("/photos/") && !/\bwidth=80,height=80\b/.test(url))
    .map(largestPhoto);
}
