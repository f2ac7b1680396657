import type { Listing } from "../listing.ts";
import { escapeHtml, grouped } from "./text.ts";

const pair = (label: string, value: string): string =>
  `<dt>${label}</dt><dd>${escapeHtml(value)}</dd>`;

/** A page without any markup for machines: what it states of its car stands behind labels. */
export function labelledPage(listing: Listing): string {
  const { car } = listing;
  const title = escapeHtml(listing.title);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title} | ${listing.host}</title>
<meta property="og:title" content="${title}">
<meta property="og:url" content="${listing.url}">
${
    listing.images.slice(0, 1).map(({ url }) => `<meta property="og:image" content="${url}">`).join(
      "",
    )
  }
<link rel="canonical" href="${listing.url}"></head>
<body><nav><a href="/">Stock</a> <a href="/visit">How to find us</a></nav>
<main><h1>${title}</h1>
<dl class="facts">
${pair("Year", String(car.year))}
${pair("Make", car.make)}
${pair("Model", car.model)}
${car.vin === null ? "" : pair("VIN", car.vin)}
${car.miles === null ? "" : pair("Mileage", `${grouped(car.miles)} miles`)}
${pair("Price", `${grouped(listing.askingPrice ?? 0)} ${listing.currency.code}`)}
${pair("Exterior color", car.paint.name)}
${pair("Interior color", car.interior)}
${pair("Engine", car.engine)}
${pair("Transmission", car.gearbox)}
${pair("Drivetrain", car.drive)}
${pair("Body style", car.body)}
${pair("Location", listing.town)}
</dl>
${listing.paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join("\n")}
</main>
<footer>${escapeHtml(listing.seller)}</footer>
</body></html>
`;
}
