/** The pages of listings as a site writes them. */
import type { Listing } from "../../site/listing.ts";
import { renderListing } from "../../site/markup/index.ts";
import { escapeHtml, grouped, scriptJson } from "../../site/markup/text.ts";
import { listingOf } from "./listing.ts";
import { FILL_SITES, type FillSite, standing } from "./plan.ts";

/** What every page of a site carries around what it is about: menus, hours, terms. */
const FRAME = Array.from(
  { length: 24 },
  (_, i) =>
    `<li class="menu__item menu__item--${i}"><a href="/info/${i}" data-track="menu-${i}">` +
    `${
      ["About us", "Opening hours", "Service", "Trade-in", "Warranty", "Contact"][i % 6]
    }</a></li>`,
).join("\n");

/** A part, a sign, a model: what is sold beside cars. */
function nonVehiclePage(listing: Listing): string {
  const title = escapeHtml(listing.title);
  const product = {
    "@context": "https://schema.org",
    "@type": "Product",
    name: listing.title,
    category: listing.nonVehicle?.group,
    description: listing.paragraphs.join(" "),
    offers: {
      "@type": "Offer",
      price: listing.askingPrice,
      priceCurrency: "USD",
      availability: "https://schema.org/InStock",
    },
  };
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<link rel="canonical" href="${listing.url}">
<script type="application/ld+json">${scriptJson(product)}</script></head>
<body><main><h1>${title}</h1><p>Price: $${grouped(listing.askingPrice ?? 0)}</p>
<p>${escapeHtml(listing.paragraphs.join(" "))}</p></main></body></html>`;
}

/** Other cars of the site, marked up as wholly as the page's own. */
function relatedCars(site: FillSite, n: number, slot: number): string {
  const count = standing(site, slot);
  const others = [1, 2, 3].map((step) => listingOf(site, (n + step * 37) % count, slot));
  const list = {
    "@context": "https://schema.org",
    "@type": "ItemList",
    name: "Similar vehicles",
    itemListElement: others.map((other, at) => ({
      "@type": "ListItem",
      position: at + 1,
      item: {
        "@type": "Car",
        name: other.title,
        url: other.url,
        brand: other.car.make,
        model: other.car.model,
        vehicleModelDate: String(other.car.year),
        vehicleIdentificationNumber: other.car.vin,
        color: other.car.paint.name,
        offers: { "@type": "Offer", price: other.askingPrice, priceCurrency: "USD" },
      },
    })),
  };
  const cards = others.map(({ url, title, askingPrice, car }) =>
    `<article class="card"><a href="${url}"><h3>${escapeHtml(title)}</h3></a><p>$${
      grouped(askingPrice ?? 0)
    }</p><p>VIN: ${car.vin}</p></article>`
  );
  return `<script type="application/ld+json">${scriptJson(list)}</script>
<section class="similar-vehicles"><h2>Similar vehicles</h2>${cards.join("\n")}</section>`;
}

/** The sellers' own sites that a marketplace links to: the page of each car names one. */
const FOUND_BY_LINK = FILL_SITES.filter(({ isSeed }) => !isSeed);

function sellersOwnSite(site: FillSite, n: number): string {
  if (site.kind !== "marketplace") return "";
  const other = FOUND_BY_LINK[n % FOUND_BY_LINK.length];
  return other === undefined ? "" : `<section class="seller"><h2>Seller</h2>
<p>Also at <a class="seller-website" href="https://${other.host}/" rel="noopener">Visit the dealer's website</a></p></section>`;
}

/** The page of a listing, 4 to 9 KB. */
export function fillPage(site: FillSite, n: number, slot: number): string {
  const listing = listingOf(site, n, slot);
  if (listing.nonVehicle) return nonVehiclePage(listing);
  const page = renderListing(listing, false);
  const more = (site.behaviour === "related" ? relatedCars(site, n, slot) : "") +
    sellersOwnSite(site, n);
  const end = page.lastIndexOf("</body>");
  return `${page.slice(0, end)}${more}<ul class="menu">${FRAME}</ul>${page.slice(end)}`;
}
