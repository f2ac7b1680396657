/** The pages of the redesign, before and after: pure functions of site and number. */
import { slugOf } from "../site/build.ts";
import { address } from "../site/markup/dealer.ts";
import { escapeHtml, grouped, scriptJson } from "../site/markup/text.ts";
import { hash32, randomOf } from "../site/random.ts";
import { type RedesignSite, SHOWN, type Shown } from "./sites.ts";
import { driveInWords, factsOf, STOCK, type VehicleFacts } from "./vehicles.ts";

/** Related cars that every page shows. */
const RELATED = 3;

/** How values and the rows around them are written. */
interface Look {
  labels: Readonly<Record<Shown, string>> | null;
  order: readonly Shown[];
  rows: "table" | "definitions" | "list";
  /** The name of an element of the page: classes are renamed here. */
  name(what: string): string;
  written: Readonly<Record<"asking_price" | "mileage", (value: number) => string>>;
}

const AMERICAN: Look["written"] = {
  asking_price: (value) => `$${grouped(value)}`,
  mileage: (value) => `${grouped(value)} miles`,
};
const EUROPEAN: Look["written"] = {
  asking_price: (value) => `${grouped(value).replaceAll(",", ".")},00 USD`,
  mileage: (value) => `${grouped(value).replaceAll(",", ".")} mi`,
};
const MICRODATA: Readonly<Partial<Record<Shown, string>>> = {
  year: "vehicleModelDate",
  make: "brand",
  model: "model",
  vin: "vehicleIdentificationNumber",
  color: "color",
  interior_color: "vehicleInteriorColor",
  engine: "vehicleEngine",
  transmission: "vehicleTransmission",
  drivetrain: "driveWheelConfiguration",
  body_style: "bodyType",
};

const lookBefore = (site: RedesignSite): Look => ({
  labels: site.before,
  order: SHOWN,
  rows: site.change === "table to definition list" ? "table" : "definitions",
  name: (what) => what,
  written: AMERICAN,
});

function lookAfter(site: RedesignSite): Look {
  const { change } = site;
  const random = randomOf("order", site.index);
  const shuffled = SHOWN.map((field) => ({ field, at: random.next() }))
    .sort((a, b) => a.at - b.at).map(({ field }) => field);
  return {
    ...lookBefore(site),
    labels: change === "labels removed" ? null : site.after,
    order: change === "rows in another order" ? shuffled : SHOWN,
    rows: change === "labels removed" ? "list" : "definitions",
    name: nameAfter(change),
    written: change === "numbers in another form" ? EUROPEAN : AMERICAN,
  };
}

/** Renamed as build tools do, or gone together with the labels: nothing but its place names a value then. */
function nameAfter(change: RedesignSite["change"]): Look["name"] {
  if (change === "labels removed") return () => "";
  return change === "classes renamed"
    ? (what) => `css-${hash32(what).toString(36)}`
    : (what) => what;
}

/** The page's own words for a value. */
function inWords(field: Shown, value: string | number, { written }: Look): string {
  if (field === "asking_price" || field === "mileage") return written[field](Number(value));
  return field === "drivetrain" ? driveInWords(String(value)) : String(value);
}

const titleOf = ({ year, make, model }: VehicleFacts): string => `${year} ${make} ${model}`;

/** Where the page of a number stands, before and after. */
export const addressOf = (site: RedesignSite, n: number): string =>
  `https://${site.host}/stock/${slugOf(titleOf(factsOf(site, n)))}-${10_000 + n}`;

/** The numbers of the cars that a page shows beside its own. */
const relatedTo = (n: number): number[] =>
  Array.from({ length: RELATED }, (_, step) => (n + (step + 1) * 37) % STOCK);

function rowsOf(
  facts: VehicleFacts,
  fields: readonly Shown[],
  look: Look,
  site: RedesignSite | null,
): string {
  const marked = (field: Shown): string =>
    site?.markup === "microdata" && MICRODATA[field] !== undefined
      ? ` itemprop="${MICRODATA[field]}"`
      : "";
  const rows = fields.flatMap((field) => {
    const value = facts[field];
    if (value === null) return [];
    const words = `${marked(field)} class="${look.name(`${field}-value`)}">${
      escapeHtml(inWords(field, value, look))
    }`;
    const label = look.labels === null ? "" : escapeHtml(look.labels[field]);
    if (look.rows === "table") return [`<tr><th>${label}</th><td${words}</td></tr>`];
    return [
      look.rows === "list" ? `<li><span${words}</span></li>` : `<dt>${label}</dt><dd${words}</dd>`,
    ];
  });
  const tag = { table: "table", definitions: "dl", list: "ul" }[look.rows];
  return `<${tag} class="${look.name("facts")}">\n${rows.join("\n")}\n</${tag}>`;
}

/** Other cars of the site, in the same words and rows as the page's own. */
function relatedCars(site: RedesignSite, n: number, look: Look): string {
  const cards = relatedTo(n).map((other) => {
    const facts = factsOf(site, other);
    return `<article class="${look.name("card")}"><h3><a href="${addressOf(site, other)}">${
      escapeHtml(titleOf(facts))
    }</a></h3>${rowsOf(facts, ["vin", "mileage", "color", "asking_price"], look, null)}</article>`;
  });
  return `<section class="${look.name("related")}"><h2>More from our stock</h2>${
    cards.join("\n")
  }</section>`;
}

/** Where the car stands and what it costs, as schema.org's microdata say it. */
function offerInMarkup({ mileage, asking_price, location }: VehicleFacts): string {
  const meta = (name: string, value: string | number | null) =>
    value === null ? "" : `<meta itemprop="${name}" content="${escapeHtml(String(value))}">`;
  const { city, region, code } = address(String(location ?? ""));
  const place = location === null
    ? ""
    : `<div itemprop="seller" itemscope itemtype="https://schema.org/AutoDealer"><div itemprop="address" itemscope itemtype="https://schema.org/PostalAddress">${
      meta("addressLocality", city)
    }${meta("addressRegion", region)}${meta("postalCode", code)}</div></div>`;
  return `<div itemprop="mileageFromOdometer" itemscope itemtype="https://schema.org/QuantitativeValue">${
    meta("value", mileage)
  }${
    meta("unitCode", "SMI")
  }</div><div itemprop="offers" itemscope itemtype="https://schema.org/Offer">${
    meta("price", asking_price)
  }${meta("priceCurrency", "USD")}${place}</div>`;
}

/** schema.org's record of the vehicle, which the redesign drops. */
function record(facts: VehicleFacts): string {
  const { city, region, code } = address(String(facts.location ?? ""));
  return `<script type="application/ld+json">${
    scriptJson({
      "@context": "https://schema.org",
      "@type": "Car",
      name: titleOf(facts),
      vehicleModelDate: String(facts.year),
      brand: facts.make,
      model: facts.model,
      vehicleIdentificationNumber: facts.vin,
      mileageFromOdometer: { "@type": "QuantitativeValue", value: facts.mileage, unitCode: "SMI" },
      color: facts.color,
      vehicleInteriorColor: facts.interior_color ?? undefined,
      vehicleEngine: { "@type": "EngineSpecification", name: facts.engine },
      vehicleTransmission: facts.transmission,
      driveWheelConfiguration: facts.drivetrain ?? undefined,
      bodyType: facts.body_style,
      offers: {
        "@type": "Offer",
        price: facts.asking_price,
        priceCurrency: "USD",
        availability: "https://schema.org/InStock",
        ...(facts.location === null ? {} : {
          seller: {
            "@type": "AutoDealer",
            address: {
              "@type": "PostalAddress",
              addressLocality: city,
              addressRegion: region,
              postalCode: code,
            },
          },
        }),
      },
    })
  }</script>`;
}

function page(site: RedesignSite, n: number, look: Look, isMarked: boolean): string {
  const facts = factsOf(site, n);
  const title = escapeHtml(titleOf(facts));
  const rows = rowsOf(facts, look.order, look, isMarked ? site : null);
  const scope = isMarked && site.markup === "microdata"
    ? ` itemscope itemtype="https://schema.org/Car"`
    : "";
  const main = `<main class="${look.name("vehicle")}"${scope}><h1 class="${look.name("title")}"${
    scope === "" ? "" : ` itemprop="name"`
  }>${title}</h1>\n${rows}${scope === "" ? "" : offerInMarkup(facts)}</main>`;
  const about = `<p class="${
    look.name("about")
  }">Every car of ours is washed, driven & photographed by the same two people since ${
    1990 + n % 30
  }. Financing from $${199 + n % 7 * 10} a month.</p>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title} | ${site.host}</title>
<link rel="canonical" href="${addressOf(site, n)}">${
    isMarked && site.markup === "json_ld" ? record(facts) : ""
  }</head>
<body><nav><ul><li><a href="/">Stock</a></li><li><a href="/visit">${
    n % 9 + 2
  } new today</a></li></ul></nav>
${main}
${about}
${relatedCars(site, n, look)}
<footer><p>Open 9 to 6, but never on Sundays. Call 555-0${100 + n % 10}.</p></footer></body></html>
`;
}

/** The page of a number as the site wrote it when its adapter was made. */
export const pageBefore = (site: RedesignSite, n: number): string =>
  page(site, n, lookBefore(site), true);

/** The same after the redesign: nothing is marked up for machines any more. */
export const pageAfter = (site: RedesignSite, n: number): string =>
  page(site, n, lookAfter(site), false);
