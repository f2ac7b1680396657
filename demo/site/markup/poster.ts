import type { Listing } from "../listing.ts";
import { escapeHtml, scriptJson } from "./text.ts";

/**
 * A page that says little: name and price in JSON-LD, one picture in Open Graph tags, no VIN, no
 * mileage, no text. A vehicle found there can never be complete.
 */
export function posterPage(listing: Listing): string {
  const { car } = listing;
  const title = escapeHtml(listing.title);
  const vehicle = {
    "@context": "https://schema.org",
    "@type": "Car",
    name: listing.title,
    brand: car.make,
    model: car.model,
    vehicleModelDate: String(car.year),
    offers: {
      "@type": "Offer",
      price: listing.askingPrice,
      priceCurrency: listing.currency.code,
      availability: "https://schema.org/InStock",
    },
  };
  const meta = (property: string, content: string) =>
    `<meta property="${property}" content="${content}">`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
${meta("og:type", "product")}
${meta("og:title", title)}
${meta("og:url", listing.url)}
${listing.images.map((image) => meta("og:image", image.url)).join("\n")}
<script type="application/ld+json">${scriptJson(vehicle)}</script>
</head><body><main><h1>${title}</h1>
<p>Call the showroom for the chassis number and the mileage.</p></main></body></html>
`;
}
