import type { Listing } from "../listing.ts";
import { address } from "./dealer.ts";
import { escapeHtml, grouped } from "./text.ts";

/** The number of a listing, as its address has it. */
const numberOf = (listing: Listing): string => listing.url.match(/(\d+)\/?$/)?.[1] ?? "";

/** A listing as the site's own data has it: `sources/ksl/adapter.ts` says which of its names were seen. */
function listingData(listing: Listing): Record<string, unknown> {
  const { car } = listing;
  const { city, region, code } = address(listing.town);
  return {
    id: Number(numberOf(listing)),
    title: listing.title,
    makeYear: car.year,
    make: car.make,
    model: car.model,
    ...(car.vin === null ? {} : { vin: car.vin }),
    ...(car.miles === null ? {} : { mileage: car.miles }),
    price: listing.askingPrice,
    paint: [car.paint.name],
    upholstery: [car.interior],
    engine: car.engine,
    transmission: car.gearbox,
    drive: car.drive,
    body: car.body,
    newUsed: "Used",
    ...(listing.sellerKind === "Dealer"
      ? { sellerType: "Dealership", dealer: { name: listing.seller } }
      : { sellerType: "For Sale By Owner", firstName: listing.seller }),
    city,
    state: region,
    zip: code,
    ...(listing.paragraphs.length === 0 ? {} : { description: listing.paragraphs.join("\n\n") }),
    photo: listing.images.map(({ url }) => ({ id: `${url}?filter=ksl/640x480` })),
  };
}

/** A page of cars.ksl.com: an application of Next.js whose data stand in `__NEXT_DATA__`. */
export function kslPage(listing: Listing): string {
  const title = escapeHtml(listing.title);
  const data = {
    props: { pageProps: {}, initialReduxState: { vdp: { listing: listingData(listing) } } },
    page: "/listing/[id]",
    query: { id: numberOf(listing) },
  };
  // As Next.js writes it: nothing in the data can end the script.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e");
  return `<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8"/><title>${title} | KSL Cars</title>
<link rel="canonical" href="${listing.url}"/></head>
<body><div id="__next"><main><h1>${title}</h1>
<p>${escapeHtml(listing.town)}</p>
${listing.car.miles === null ? "" : `<p>Mileage: ${grouped(listing.car.miles)} miles</p>`}
${listing.paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join("\n")}
<aside>Similar: 1994 Ford F-150, $6,900</aside></main></div>
<script id="__NEXT_DATA__" type="application/json">${json}</script>
</body></html>
`;
}
