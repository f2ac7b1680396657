import type { Listing } from "../listing.ts";
import { escapeHtml } from "./text.ts";

/**
 * A page with Open Graph tags only: heading, price, pictures and text. It states neither VIN nor
 * mileage, so a vehicle found there can never be complete.
 */
export function posterPage(listing: Listing): string {
  const title = escapeHtml(listing.title);
  const text = escapeHtml(listing.paragraphs.join("\n\n"));
  const meta = (property: string, content: string) =>
    `<meta property="${property}" content="${content}">`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
${meta("og:type", "product")}
${meta("og:title", title)}
${meta("og:url", listing.url)}
${text === "" ? "" : meta("og:description", text)}
${listing.images.map((image) => meta("og:image", image.url)).join("\n")}
${meta("product:price:amount", String(listing.askingPrice ?? ""))}
${meta("product:price:currency", listing.currency.code)}
${meta("product:availability", "in stock")}
</head><body><main><h1>${title}</h1>
<p>Call the showroom for the chassis number and the mileage.</p></main></body></html>
`;
}
