import type { Auction, Listing } from "../../listing.ts";
import { escapeHtml, grouped, longDate, shortDate } from "../text.ts";

const member = (name: string): string =>
  `<a href="https://bringatrailer.com/member/${name.toLowerCase()}/" target="_blank">${
    escapeHtml(name)
  }</a>`;

/** "USD $42,000", as prices stand in the price line. */
export const money = (listing: Listing, amount: number): string =>
  `${listing.currency.code} ${listing.currency.sign}${grouped(amount)}`;

/** The price line under the heading: how an auction ended or how it stands. */
export function priceLine(listing: Listing, auction: Auction, postId: number): string {
  if (auction.end === "live") {
    return `<span data-listing-currently="${postId}"><span class="info-label">Current Bid:</span> ` +
      `<strong class="info-value">${money(listing, auction.highBid ?? 0)}</strong></span>` +
      `<span class="info-label">Ends in</span><strong class="info-value noborder-tiny">` +
      `<span class="listing-available-countdown" data-countdown="${postId}" data-until="${auction.endsAt}"></span></strong>`;
  }
  const date =
    `<span class="date date-localize" data-timestamp="${auction.endsAt}" data-format="L">on ${
      shortDate(auction.endsAt)
    }</span>`;
  const price = auction.salePrice ?? auction.highBid;
  const outcome = auction.end === "withdrawn"
    ? "Withdrawn"
    : price === null
    ? "No Sale"
    : `${auction.salePrice === null ? "Bid to" : "Sold for"} <strong>${
      money(listing, price)
    }</strong>`;
  return `<span data-listing-currently="${postId}"></span>` +
    `<span class="info-value noborder-tiny">${outcome} ${date}</span>`;
}

function topRow(listing: Listing, auction: Auction, postId: number): string {
  const { code, sign } = listing.currency;
  if (auction.end === "live") {
    return `<tr class="listing-stats-stat" id="current-bid-row">
	<td class="listing-stats-label current-bid-label">Current Bid</td>
	<td class="listing-stats-value current-bid-value">
		<span data-listing-current="${postId}"><strong>${
      money(listing, auction.highBid ?? 0)
    }</strong></span>
		<span data-listing-high-bidder-link="${postId}"> by ${
      member(auction.bids.at(-1)?.bidder ?? "")
    } </span>
	</td></tr>`;
  }
  if (auction.end === "withdrawn") {
    return `<tr class="listing-stats-stat"><td class="listing-stats-label">Withdrawn</td>
	<td class="listing-stats-value">by the seller</td></tr>`;
  }
  const amount = auction.salePrice ?? auction.highBid;
  if (amount === null) return "";
  const label = auction.salePrice === null ? "High Bid" : "Winning Bid";
  const note = auction.salePrice === null ? " (Reserve Not Met)" : "";
  const buyer = auction.buyer === null
    ? ""
    : `<span data-listing-high-bidder-link="${postId}"> by ${member(auction.buyer)} </span>`;
  return `<tr class="listing-stats-stat">
	<td class="listing-stats-label">${label}</td>
	<td class="listing-stats-value"><span>
		${code} <strong>${sign}${grouped(amount)}</strong>${note} </span> ${buyer}</td></tr>`;
}

/** The table "Auction Result" or "Bid on This Listing", with views and watchers below. */
export function statsTable(listing: Listing, auction: Auction, postId: number): string {
  const live = auction.end === "live";
  const bids = auction.bids.filter((bid) => !bid.canceled).length;
  const time = live
    ? `<tr class="listing-stats-stat"><td class="listing-stats-label">Time Left</td>
	<td class="listing-stats-value"><span class="listing-end-time date-localize" data-auction-ends-id="${postId}"
		data-timestamp="${auction.endsAt}" data-format="MMMM D, YYYY [at] h:mmA">${
      longDate(auction.endsAt)
    }</span></td></tr>`
    : `<tr class="listing-stats-stat"><td class="listing-stats-label">Auction Ended</td>
	<td class="listing-stats-value"><span class="date-localize" data-timestamp="${auction.endsAt}"
		data-format="dddd, MMMM D [at] h:mma">${longDate(auction.endsAt, false)}</span></td></tr>`;
  return `<div id="listing-bid-container" class="${
    live ? "" : "listing-closed"
  }" data-listing-bid-id="${postId}">
<h2 class="listing-component-heading" id="bid-actions">${
    live ? "Bid on This Listing" : "Auction Result"
  }</h2>
<table class="listing-stats ${
    live ? "" : "ended"
  }" id="listing-bid" data-listing-bid-id="${postId}"><tbody>
${topRow(listing, auction, postId)}
${time}
<tr class="listing-stats-stat"><td class="listing-stats-label">Bids</td>
	<td class="listing-stats-value number-bids-value">${bids}</td></tr>
</tbody></table>
<div class="listing-actions-stats"><div><span data-stats-id="${postId}" data-stats-item="views">${
    grouped(auction.views)
  } views</span></div><div><span data-stats-id="${postId}" data-stats-item="watchers">${
    grouped(auction.watchers)
  } watchers</span></div></div>
</div>`;
}
