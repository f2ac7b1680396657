import { extraEntryId } from "../../auction.ts";
import type { Auction, Listing } from "../../listing.ts";
import { randomOf } from "../../random.ts";
import { escapeHtml, grouped, scriptJson, shortDate } from "../text.ts";
import { money, statsTable } from "./bidding.ts";

interface Entry {
  id: number;
  author: string;
  markup: string;
  content: string;
  timestamp: number;
  type: string;
  bidAmount: number;
  extra?: Record<string, unknown>;
}

const HEX = "0123456789abcdef";

/** An entry of the page's comment list, with every member the real one has. */
function entry(listing: Listing, postId: number, it: Entry): Record<string, unknown> {
  const random = randomOf("entry", it.id);
  const authorId = it.author === "" ? 0 : random.int(1000, 1_900_000);
  const name = it.author === "" ? "Anonymous" : it.author;
  const likes = it.type === "comment" ? random.int(0, 3) : 0;
  return {
    channels: [`comment;item;${it.id}`, `comment;user;${authorId}`],
    approved: "1",
    authorId,
    authorLikes: random.int(0, 900),
    authorName: it.type === "comment" && it.author === listing.seller
      ? `${name} (The Seller)`
      : name,
    authorUrl: it.author === "" ? "" : `https://bringatrailer.com/member/${name.toLowerCase()}/`,
    authorDeleted: false,
    dislikes: 0,
    id: it.id,
    likes,
    likers: Array.from(
      { length: likes },
      () => Array.from({ length: 64 }, () => HEX[random.int(0, 15)]).join(""),
    ),
    loggedOutLink: `https://bringatrailer.com/account/login/?redirect=${random.digits(96)}`,
    post: String(postId),
    markup: it.markup,
    content: it.content,
    timestamp: it.timestamp,
    type: it.type,
    unflaggable: false,
    unratable: false,
    bidAmount: it.bidAmount,
    wasEdited: false,
    commentParent: null,
    images: [],
    videos: [],
    hasErrorVideos: false,
    hasPendingVideos: false,
    featured: false,
    ...it.extra,
  };
}

/** The site's own record of how the auction ended: reserve met or not, and a sale agreed afterwards. */
function closing(listing: Listing, auction: Auction, postId: number): Entry[] {
  if (auction.end === "live") return [];
  const id = extraEntryId(auction, 490);
  const day = shortDate(auction.endsAt);
  const extra = { biddable_markup: { box: statsTable(listing, auction, postId) } };
  const base = { author: "", timestamp: auction.endsAt + 1, bidAmount: 0, extra };
  const note = (text: string) => ({ markup: `<p>${escapeHtml(text)}</p>`, content: text });
  const unmet = `Reserve not met on ${day}` +
    (auction.highBid === null ? "" : ` at ${money(listing, auction.highBid)}`);
  if (auction.end === "withdrawn") {
    return [{ ...base, id, type: "bat-bid-reserve", ...note(`Withdrawn on ${day}`) }];
  }
  const price = money(listing, auction.salePrice ?? 0);
  if (auction.end === "sold") {
    const text = `Sold on ${day} for ${price} to ${auction.buyer ?? ""}`;
    return [{ ...base, id, author: auction.buyer ?? "", type: "bat-bid-reserve", ...note(text) }];
  }
  const record: Entry = { ...base, id, type: "bat-bid-reserve", ...note(unmet) };
  if (auction.end !== "sold_after") return [record];
  const agreed = `Sold on ${day} for ${price} to ${auction.buyer ?? ""} after the auction`;
  return [record, {
    ...base,
    id: id + 1,
    timestamp: auction.endsAt + 7200,
    type: "bat-rnm-accepted",
    ...note(agreed),
  }];
}

/** The script that holds all comments and bids of an auction page. */
export function commentScript(listing: Listing, auction: Auction, postId: number): string {
  const bids: Entry[] = auction.bids.map((bid) => ({
    id: bid.id,
    author: bid.bidder,
    markup: `<p>${
      money(listing, bid.amount)
    } bid placed by <a href="https://bringatrailer.com/member/${bid.bidder.toLowerCase()}/" class="bid-notification-link" target="_blank">${bid.bidder}</a></p>`,
    content: `${listing.currency.sign}${grouped(bid.amount)} bid placed by ${bid.bidder}`,
    timestamp: bid.at,
    type: bid.canceled ? "bat-bid-canceled" : "bat-bid",
    bidAmount: bid.amount,
    extra: { end_timestamp: auction.endsAt },
  }));
  const remarks: Entry[] = auction.remarks.map((remark) => ({
    id: remark.id,
    author: remark.author,
    markup: `<p>${escapeHtml(remark.text)}</p>`,
    content: remark.text,
    timestamp: remark.at,
    type: "comment",
    bidAmount: 0,
  }));
  const all = [...bids, ...remarks, ...closing(listing, auction, postId)]
    .sort((a, b) => a.timestamp - b.timestamp)
    .map((it) => entry(listing, postId, it));
  const model = {
    ajaxUrl: "https://bringatrailer.com/wp-admin/admin-ajax.php",
    commentOrder: "desc",
    comments: all,
    commentsInitialLoad: "20",
    postAuthor: "1",
    urlListings: "https://bringatrailer.com/auctions/",
    userId: "0",
  };
  return `<script type="text/javascript" id="bat-view-model.single-js-extra">
/* <![CDATA[ */
var BAT_VMS = ${scriptJson(model)};
/* ]]> */
</script>`;
}
