import type { Listing } from "../../listing.ts";
import { escapeHtml, scriptJson } from "../text.ts";

/** The photo gallery: JSON in an attribute, entity-encoded, each image in two sizes of one address. */
export function gallery(listing: Listing, postId: number): string {
  const items = listing.images.map((image, i) => ({
    context: postId,
    dimensions: `${image.width}x${image.height}`,
    id: postId + i + 1,
    large: {
      height: image.height,
      width: image.width,
      url: `${image.url}?fit=${image.width}%2C${image.height}`,
    },
    small: { height: 105, width: 155, url: `${image.url}?resize=155%2C105` },
    voted: false,
    votes: 0,
    title: listing.title,
  }));
  return `<div id="bat_listing_page_photo_gallery">
<h2 class="listing-component-heading">Photo Gallery</h2>
<div data-gallery-items="${
    escapeHtml(scriptJson(items))
  }" data-gallery-limit="60" data-gallery-named="item_${postId}" data-gallery-shown="false"></div>
</div>`;
}

/** A photograph between two paragraphs, in the eleven sizes that the site's theme writes. */
export function inlineImage(listing: Listing, place: number, sizes: readonly number[]): string {
  const image = listing.images[place % Math.max(1, listing.images.length)];
  if (!image) return "";
  const alt = escapeHtml(listing.title);
  const set = sizes.map((width) => `${image.url}?w=${width} ${width}w`).join(", ");
  return `<p><img decoding="async" class="alignnone size-large" src="${image.url}?w=620&#038;resize=620%2C413" ` +
    `alt="${alt}" width="620" height="413" srcset="${set}" sizes="(max-width: 620px) 100vw, 620px" data-recalc-dims="1" /></p>\n`;
}
