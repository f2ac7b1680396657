import { gzipSync } from "node:zlib";
import { checkDigit } from "../../demo/site/vin.ts";
import { html } from "./site.ts";

/** A car as its page states it. */
interface SiteCar {
  n: number;
  year: number;
  make: string;
  model: string;
  vin: string;
  price: number;
  mileage: number;
}

const MAKES = [["BMW", "M3"], ["Porsche", "911"], ["Saab", "900"], ["Audi", "S4"], [
  "Ford",
  "Mustang",
]];

/** A VIN with a right check digit (49 CFR 565.15), the nth of a site. */
function vinOf(site: string, n: number): string {
  const code = [...site].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1000, 7);
  const bare = `WBSBL920_1A${String(code).padStart(3, "0").slice(0, 2)}${
    String(n).padStart(4, "0")
  }`;
  return bare.replace("_", checkDigit(bare));
}

/** The nth car of a site. */
export function carOf(site: string, n: number): SiteCar {
  const [make = "BMW", model = "M3"] = MAKES[n % MAKES.length] ?? [];
  return {
    n,
    make,
    model,
    year: 1990 + n % 30,
    vin: vinOf(site, n),
    price: 10_000 + 37 * n,
    mileage: 20_000 + 113 * n,
  };
}

/** The page of a car, marked up as dealers do it. */
export function carPage(car: SiteCar, more = ""): Response {
  const name = `${car.year} ${car.make} ${car.model}`;
  const data = {
    "@context": "https://schema.org",
    "@type": "Car",
    name,
    vehicleModelDate: String(car.year),
    brand: { "@type": "Brand", name: car.make },
    model: car.model,
    vehicleIdentificationNumber: car.vin,
    mileageFromOdometer: { "@type": "QuantitativeValue", value: car.mileage, unitCode: "SMI" },
    offers: {
      "@type": "Offer",
      price: car.price,
      priceCurrency: "USD",
      availability: "https://schema.org/InStock",
    },
  };
  return html(
    `<h1>${name}</h1><script type="application/ld+json">${JSON.stringify(data)}</script>
    <p>A fine ${name} with ${car.mileage} miles, on offer for $${car.price}. ${
      "It was well kept. ".repeat(20)
    }</p>${more}`,
  );
}

/** The address of a car on a site whose details stand under `/inventory/`. */
export function carUrl(host: string, { n, year, make, model }: SiteCar): string {
  return `https://${host}/inventory/${year}-${make}-${model}-${n}`.toLowerCase();
}

export function xml(body: string): Response {
  return new Response(`<?xml version="1.0"?>${body}`, {
    headers: { "content-type": "application/xml" },
  });
}

export function sitemapOf(urls: readonly string[], lastmod: (n: number) => string): string {
  const entries = urls.map((url, n) =>
    `<url><loc>${url}</loc><lastmod>${lastmod(n)}</lastmod></url>`
  );
  return `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${entries.join("")}</urlset>`;
}

export function gzipped(text: string): Response {
  return new Response(new Uint8Array(gzipSync(text)), {
    headers: { "content-type": "application/gzip" },
  });
}
