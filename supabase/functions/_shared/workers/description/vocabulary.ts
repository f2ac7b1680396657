import { SALE_STATUSES, type SaleStatus } from "../../domain/fact.ts";
import type { HeldFacts } from "./held.ts";
import { monthName } from "./wording.ts";

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Words that claim nothing about a vehicle. Adjectives of quality and rarity are left out on purpose. */
const ALWAYS = words(`
  a also along an and are as at be been being both but by car come comes described detailed details
  each example featured features featuring fitted for from given has have having identified in information
  into is it it's its itself known listed listing make model name named number numbered of offering on or
  over paired presented recorded reported shown stated that the their then there these this those to
  together under vehicle was were where which while whose with year equipped comprises comprising combined
  described includes including motor mated matched bears bearing carries carrying wears wearing
  specification specifications record records database entry provided noted
`);

/** Words that speak of a field: they are right only when it is held. */
const OF_FIELD: Partial<Record<keyof HeldFacts, string[]>> = {
  body_style: words("body style bodied bodywork configuration"),
  color: words("finish finished painted paint exterior color colour colored coloured"),
  interior_color: words("interior inside cabin upholstery upholstered trimmed color colour"),
  engine: words("engine powered powering power powerplant unit liter litre liters litres"),
  transmission: words("transmission gearbox shifted shifts gears through"),
  drivetrain: words("drivetrain drive driven drives driving wheel wheels layout sends sent"),
  mileage: words(
    "mile miles mileage odometer reading reads showing shows indicated indicates covered travelled traveled driven",
  ),
  vin: words("vin chassis serial identification"),
  location: words("located location based situated"),
  asking_price: words("asking price priced asked"),
  sale_date: words("date dated"),
  trim: words("trim level variant"),
};

const OF_STATUS: Readonly<Record<SaleStatus, string[]>> = {
  sold: words("sold sale price auction sell selling sells fetched brought bidding buyer"),
  bid_to: words(
    "auction bid bids bidding high highest reached ended end not without sale sell reaching unsold did sold",
  ),
  no_sale: words(
    "auction bid bids bidding high highest reached ended not without sale sell reaching unsold did sold offered",
  ),
  withdrawn: words(
    "auction bid bidding high highest withdrawn reached not sell sale did sold offered without",
  ),
  live: words("auction offered when written"),
  for_sale: words("sale offered priced"),
  unknown: [],
};

/** Ways of writing out what facts abbreviate. */
const WRITTEN_OUT: Readonly<Record<string, string[]>> = {
  awd: words("all wheel drive"),
  fwd: words("front wheel drive"),
  rwd: words("rear wheel drive"),
  "4wd": words("4 wheel drive"),
  "4x4": words("4 wheel drive"),
  suv: words("sport utility"),
  auto: words("automatic"),
  usd: words("us dollar dollars"),
  eur: words("euro euros"),
  gbp: words("pound pounds"),
};

const NUMBER_WORDS = words(`
  zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
  seventeen eighteen nineteen twenty
`);

/**
 * A text as words in one spelling: lower case, no accents, numbers without commas, leading zeros or
 * ordinal endings, number words as figures ("Five-Speed" → "5", "speed"; "3rd" → "3").
 */
export function tokensOf(text: string): string[] {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[\u2018\u2019]/g, "'");
  const found = plain.match(/\p{L}[\p{L}\p{N}']*|\d[\d,]*(?:\.\d+)?\p{L}*/gu) ?? [];
  return found.map((word) => {
    const spelled = NUMBER_WORDS.indexOf(word);
    if (spelled >= 0) return String(spelled);
    if (!/^\d/.test(word)) return word.replace(/'s$|'$/, "");
    const [, figures = "", unit = ""] = /^([\d,.]*)(.*)$/u.exec(word) ?? [];
    const plainFigures = figures.replace(/,/g, "");
    // Longer than a number can be exact: a serial number, kept as it stands.
    const number = plainFigures.length > 15 ? plainFigures : String(Number(plainFigures));
    return number + unit.replace(/^(st|nd|rd|th)$/, "");
  });
}

function ofFacts(facts: HeldFacts): string[] {
  const all: string[] = [];
  for (const [field, value] of Object.entries(facts)) {
    if (field === "sale_status") continue;
    const said = tokensOf(String(value));
    // "3.2L" may be written "3.2-liter", "V8" stays what it is.
    all.push(...said, ...said.flatMap((word) => /^\d[\d.]*(?=\p{L})/u.exec(word)?.[0] ?? []));
    all.push(...said.flatMap((word) => WRITTEN_OUT[word] ?? []));
  }
  if (facts.sale_date !== undefined) {
    const month = monthName(Number(facts.sale_date.slice(5, 7)));
    if (month !== undefined) all.push(month);
  }
  return all;
}

/** Every word that a text about these facts may use. */
export function vocabulary(facts: HeldFacts): ReadonlySet<string> {
  const status = SALE_STATUSES.find((one) => one === facts.sale_status) ?? "unknown";
  const allowed = new Set([...ALWAYS, ...ofFacts(facts), ...OF_STATUS[status]]);
  for (const [field, said] of Object.entries(OF_FIELD)) {
    if (facts[field as keyof HeldFacts] !== undefined) {
      for (const word of said) allowed.add(word);
    }
  }
  return allowed;
}
