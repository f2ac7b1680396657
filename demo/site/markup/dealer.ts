import type { Listing } from "../listing.ts";
import { escapeHtml, grouped, scriptJson } from "./text.ts";

/** "Boise, Idaho 83702" in the parts of a schema.org PostalAddress. */
export function address(town: string): { city: string; region: string; code: string } {
  const [, city = town, region = "", code = ""] = town.match(/^(.+), (.+) (\d{5})$/) ?? [];
  return { city, region, code };
}

/** The vehicle as schema.org describes one: https://schema.org/Car. */
function vehicleObject(listing: Listing): Record<string, unknown> {
  const { car } = listing;
  const { city, region, code } = address(listing.town);
  return {
    "@type": listing.index % 3 === 1 ? ["Product", "Car"] : "Car",
    name: listing.title,
    url: listing.url,
    brand: { "@type": "Brand", name: car.make },
    manufacturer: { "@type": "Organization", name: car.make },
    model: car.model,
    vehicleModelDate: String(car.year),
    bodyType: car.body,
    ...(car.vin === null ? {} : { vehicleIdentificationNumber: car.vin }),
    ...(car.miles === null ? {} : {
      mileageFromOdometer: { "@type": "QuantitativeValue", value: car.miles, unitCode: "SMI" },
    }),
    color: car.paint.name,
    vehicleInteriorColor: car.interior,
    vehicleEngine: { "@type": "EngineSpecification", name: car.engine },
    vehicleTransmission: car.gearbox,
    driveWheelConfiguration: car.drive,
    itemCondition: "https://schema.org/UsedCondition",
    ...(listing.paragraphs.length === 0 ? {} : { description: listing.paragraphs.join("\n\n") }),
    image: listing.images.map((image) => image.url),
    offers: {
      "@type": "Offer",
      price: listing.index % 2 === 0 ? listing.askingPrice : String(listing.askingPrice),
      priceCurrency: listing.currency.code,
      availability: "https://schema.org/InStock",
      seller: {
        "@type": "AutoDealer",
        name: listing.seller,
        address: {
          "@type": "PostalAddress",
          addressLocality: city,
          addressRegion: region,
          postalCode: code,
        },
      },
    },
  };
}

/** The blocks of a page: a single object, a graph, or a damaged block before the good one. */
function blocks(listing: Listing): string[] {
  const vehicle = vehicleObject(listing);
  const site = { "@context": "https://schema.org", "@type": "WebSite", name: listing.host };
  if (listing.index % 4 === 2) {
    return [scriptJson({ "@context": "https://schema.org", "@graph": [site, vehicle] })];
  }
  const whole = scriptJson({ "@context": "https://schema.org", ...vehicle });
  return listing.index % 4 === 3
    ? [`{"@context": "https://schema.org", "@type": "Organization", "name": "Sales desk", `, whole]
    : [scriptJson(site), whole];
}

/** A dealer's page: the facts stand in JSON-LD, the text repeats some of them in prose. */
export function dealerPage(listing: Listing): string {
  const title = escapeHtml(listing.title);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title} | ${listing.host}</title>
<link rel="canonical" href="${listing.url}">
${blocks(listing).map((block) => `<script type="application/ld+json">${block}</script>`).join("\n")}
</head><body>
<header><nav><a href="/">Stock</a> <a href="/finance">Finance from $199 a month</a></nav></header>
<main><h1>${title}</h1>
${listing.car.miles === null ? "" : `<p>Mileage: ${grouped(listing.car.miles)} miles</p>`}
${listing.paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join("\n")}
${
    listing.images.map((image) =>
      `<img src="${image.url}" width="${image.width}" height="${image.height}" alt="${title}">`
    ).join("\n")
  }
</main>
<aside><h2>You may also like</h2><a href="/cars/other-900">1999 Panoz AIV Roadster, $61,500</a></aside>
<footer>${escapeHtml(listing.seller)}, ${escapeHtml(listing.town)}</footer>
</body></html>
`;
}
