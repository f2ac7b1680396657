import type { Listing } from "../listing.ts";
import { address } from "./dealer.ts";
import { escapeHtml, grouped } from "./text.ts";

const row = (label: string, property: string, value: string): string =>
  `<tr><th>${label}</th><td itemprop="${property}">${escapeHtml(value)}</td></tr>`;

/** A classified advertisement marked up with schema.org microdata. */
export function classifiedPage(listing: Listing): string {
  const { car } = listing;
  const title = escapeHtml(listing.title);
  const { city, region, code } = address(listing.town);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title} for sale</title>
<link rel="canonical" href="${listing.url}"></head>
<body><div class="page" itemscope itemtype="https://schema.org/Car">
<h1 itemprop="name">${title}</h1>
<link itemprop="url" href="${listing.url}">
<table class="facts">
${row("Year", "vehicleModelDate", String(car.year))}
<tr><th>Make</th><td itemprop="brand" itemscope itemtype="https://schema.org/Brand"><span itemprop="name">${
    escapeHtml(car.make)
  }</span></td></tr>
${row("Model", "model", car.model)}
${car.vin === null ? "" : row("VIN", "vehicleIdentificationNumber", car.vin)}
${
    car.miles === null
      ? ""
      : `<tr><th>Mileage</th><td itemprop="mileageFromOdometer" itemscope itemtype="https://schema.org/QuantitativeValue">` +
        `<span itemprop="value" content="${car.miles}">${
          grouped(car.miles)
        }</span> <meta itemprop="unitCode" content="SMI">miles</td></tr>`
  }
${row("Color", "color", car.paint.name)}
${row("Interior", "vehicleInteriorColor", car.interior)}
<tr><th>Engine</th><td itemprop="vehicleEngine" itemscope itemtype="https://schema.org/EngineSpecification"><span itemprop="name">${
    escapeHtml(car.engine)
  }</span></td></tr>
${row("Gearbox", "vehicleTransmission", car.gearbox)}
${row("Drive", "driveWheelConfiguration", car.drive)}
${row("Body", "bodyType", car.body)}
</table>
<div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
<span class="price" itemprop="price" content="${listing.askingPrice ?? ""}">$${
    grouped(listing.askingPrice ?? 0)
  }</span><meta itemprop="priceCurrency" content="${listing.currency.code}">
<link itemprop="availability" href="https://schema.org/InStock">
<div itemprop="seller" itemscope itemtype="https://schema.org/AutoDealer"><b itemprop="name">${
    escapeHtml(listing.seller)
  }</b>
<span itemprop="address" itemscope itemtype="https://schema.org/PostalAddress"><span itemprop="addressLocality">${
    escapeHtml(city)
  }</span>, <span itemprop="addressRegion">${
    escapeHtml(region)
  }</span> <span itemprop="postalCode">${code}</span></span></div></div>
${
    listing.paragraphs.length === 0
      ? ""
      : `<div itemprop="description">${
        listing.paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join("\n")
      }</div>`
  }
${
    listing.images.map((image) =>
      `<img itemprop="image" src="${
        new URL(image.url).pathname
      }" alt="${title}" width="${image.width}" height="${image.height}">`
    ).join("\n")
  }
</div>
<p class="similar">Similar: 1994 Panther Kallista, asking $14,900</p>
</body></html>
`;
}
