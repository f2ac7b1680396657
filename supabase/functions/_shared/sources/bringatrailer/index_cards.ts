import type { IndexList } from "../../extraction/index/list.ts";
import { attribute, closedElementWith, elements } from "../../html/regions.ts";
import { shorten } from "../../domain/text.ts";
import { oneLine } from "../../html/text.ts";
import { dateIn, isoFromSeconds } from "../../vehicle/dates.ts";
import { moneyIn } from "../../vehicle/money.ts";
import { lotTitle, whyNoLotListed } from "./index_lot.ts";

const CARD =
  /<(?:a|div)\b[^<>]{0,1500}\bclass="[^"<>]{0,200}\blisting-card\b[^"<>]{0,200}"[^<>]{0,1500}>/g;
/** Longer than any card. */
const LONGEST_CARD = 12_000;

/**
 * Adds the auctions that a page shows as cards (`.listing-card`), for pages without the data that
 * the cards are filled from; `false` when there is no filled card. The cards of the carousels
 * (`listing-card-separate`) are no list.
 */
export function addCards(list: IndexList, html: string): boolean {
  const starts = [...html.matchAll(CARD)].slice(0, 2_000);
  let any = false;
  for (const [at, { 0: tag, index }] of starts.entries()) {
    if (tag.includes("listing-card-separate")) continue;
    const end = Math.min(starts[at + 1]?.index ?? html.length, index + LONGEST_CARD);
    const card = html.slice(index, end);
    if (!card.includes("/listing/") || titleOf(card) === "") continue;
    any = true;
    addCard(list, card);
  }
  return any;
}

function titleOf(card: string): string {
  return oneLine(elements(card, "h3", 1)[0] ?? "");
}

function addCard(list: IndexList, card: string): void {
  const { title, noReserve } = lotTitle(titleOf(card));
  const link = attribute(card, "href") ?? /\bhref="([^"]{1,2000})"/.exec(card)?.[1] ?? null;
  const said = oneLine(closedElementWith(card, 'class="item-results"'));
  const running = oneLine(closedElementWith(card, "bid-formatted"));
  const named = moneyIn(said === "" ? running : said);
  const day = dateIn(said);
  const text = oneLine(closedElementWith(card, 'class="item-excerpt"'));
  list.add({
    href: link,
    title,
    price: named === null ? null : {
      amount: named.amount,
      kind: /^sold for\b/i.test(said) ? "sale" : "bid",
      currency: named.currency,
    },
    endsAt: isoFromSeconds(attribute(card, "data-timestamp_end") ?? "") ??
      (day === null ? null : `${day}T12:00:00.000Z`),
    ended: said !== "" ? true : running !== "" ? false : null,
    picture: /<img\b[^<>]{0,500}\bsrc="([^"]{1,2000})"/.exec(card)?.[1]?.replaceAll("&amp;", "&"),
    raw: {
      id: attribute(card, "data-listing_id") ?? /\bpost;list;(\d+)/.exec(card)?.[1],
      no_reserve: noReserve || null,
      sold_text: said === "" ? null : shorten(said, 100),
    },
  }, (name, url) => whyNoLotListed(name, url, text));
}
