import type { Listing } from "../../listing.ts";
import { escapeHtml } from "../text.ts";

/** The unlabelled lines under "Listing Details", in the order the real site keeps. */
function detailLines(listing: Listing): string[] {
  const { car } = listing;
  if (listing.nonVehicle) return [...listing.nonVehicle.details];
  const half = Math.ceil(listing.equipment.length / 2);
  return [
    ...(car.mileageText === null ? [] : [car.mileageText]),
    car.engine,
    ...listing.equipment.slice(0, half),
    car.gearbox,
    ...(car.statesDrive ? [car.drive] : []),
    car.repainted ? `Repainted ${car.paint.name}` : `${car.paint.name} Paint`,
    `${car.interior} Upholstery`,
    ...listing.equipment.slice(half),
  ];
}

/** The block "BaT Essentials" beside the text. */
export function essentials(listing: Listing): string {
  const { car, auction } = listing;
  const chassis = car.vin === null || listing.nonVehicle
    ? ""
    : `<li>Chassis: <a href="https://www.google.com/search?q=${car.vin}" target="_blank">${car.vin}</a></li>`;
  const lines = detailLines(listing).map((line) => `<li>${escapeHtml(line)} </li>`).join("");
  const charge = listing.sellerKind === "Dealer"
    ? `<div class="item additional"><strong>Additional charges from this dealer</strong>: $185 Document Fee</div>`
    : "";
  const town = escapeHtml(listing.town);
  return `<div class="essentials">
	<h2 class="title">BaT Essentials</h2>
	<div class="item item-seller"><strong>Seller</strong>: <a href="https://bringatrailer.com/member/${listing.seller.toLowerCase()}/" target="_blank">${
    escapeHtml(listing.seller)
  }</a> <a class="button" href="https://bringatrailer.com/account/login/" aria-label="Subscribe"><span class="bell-icon"></span></a></div>` +
    `<strong>Location</strong>: <a href="https://www.google.com/maps/place/${
      encodeURIComponent(listing.town)
    }" target="_blank">${town}</a><div class="item"><strong>Listing Details</strong><ul>${chassis}${lines}</ul></div>` +
    `<div class="item additional"><strong>Private Party or Dealer</strong>: ${listing.sellerKind}</div>${charge}` +
    `<div class="item"><strong>Lot</strong> #${auction?.lot ?? 0}</div></div>`;
}
