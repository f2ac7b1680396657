import { isObject, type JsonObject } from "../../html/json_region.ts";
import { labelledList } from "../../html/labelled_list.ts";
import { metaTags } from "../../html/open_graph.ts";
import { attribute, closedElementWith, elements, elementWith } from "../../html/regions.ts";
import { scriptJson } from "../../html/script_json.ts";
import { oneLine } from "../../html/text.ts";

/** The parts of a Cars.com page that are read, as text; `""` where the page has none. */
export interface CarsComPage {
  /** `script#initial-activity-data`: the site's own record of the page view; `null` if damaged. */
  activity: JsonObject | null;
  heading: string;
  price: string;
  mileage: string;
  /** Labels of the basics in lower case ("exterior color") → value. */
  basics: ReadonlyMap<string, string>;
  seller: string;
  /** "800 Davis St, San Leandro, CA 94577". */
  address: string;
  notes: string;
  images: string[];
  description: string;
}

/** What the ends of the lines of basics say: "Silver exterior color", "Automatic CVT transmission". */
const BASIC = /^(.+?) (exterior color|interior color|fuel type|engine|drivetrain|transmission)$/i;

/** Cuts a page into its parts: the layout of 2026 ("fuse"), and that of 2021–2025 ("sds"). */
export function cutCarsComPage(html: string): CarsComPage {
  const activity = scriptJson(html, "initial-activity-data");
  const dealer = elementWith(html, 'id="dealers-info"');
  const specs = elementWith(html, 'id="features-and-specs"', 0, 60_000);
  // Cards of other cars carry prices too: the car's own stands in its own section.
  const offer = elementWith(html, 'id="price-and-location"', 0, 60_000) ||
    elementWith(html, 'class="price-section', 0, 60_000);
  const textIn = (part: string, mark: string) => oneLine(closedElementWith(part, mark, 0, 20_000));
  return {
    activity: isObject(activity) ? activity : null,
    heading: textIn(html, 'id="vehicle-title"') || textIn(html, 'class="listing-title"'),
    price: textIn(offer, 'class="list-price') || textIn(offer, 'class="primary-price"'),
    mileage: textIn(html, 'class="listing-mileage"') ||
      (/>\s*([\d,]{1,9} mi)\b\.?\s*</.exec(offer)?.[1] ?? ""),
    basics: basicsOf(html, specs),
    seller: oneLine(elements(dealer, "h3", 1)[0] ?? "") ||
      textIn(html, "seller-name"),
    address: textIn(dealer, 'class="map-link"') || textIn(html, 'class="dealer-address"'),
    notes: notesOf(html),
    images: imagesOf(html),
    description: metaTags(html).get("og:description") ?? "",
  };
}

function basicsOf(html: string, specs: string): Map<string, string> {
  const basics = new Map<string, string>();
  for (const line of elements(specs, "li", 60).map(oneLine)) {
    const [, value = "", label = ""] = BASIC.exec(line) ?? [];
    if (label !== "" && !basics.has(label.toLowerCase())) basics.set(label.toLowerCase(), value);
  }
  const vin = /\bVIN:\s*([A-Z\d]{11,17})\b/.exec(oneLine(specs))?.[1];
  if (vin !== undefined) basics.set("vin", vin);
  const older = elementWith(html, 'class="fancy-description-list"', 0, 60_000);
  for (const [label, { text }] of labelledList(older)) {
    if (!basics.has(label)) basics.set(label, text);
  }
  return basics;
}

function notesOf(html: string): string {
  const section = elementWith(html, 'id="sellers-notes"', 0, 200_000) ||
    elementWith(html, 'class="sellers-notes"', 0, 200_000);
  const clamped = elements(section, "cars-line-clamp", 1)[0];
  return clamped ?? closedElementWith(section, 'class="sellers-notes"');
}

/** The gallery's pictures; a picture of the catalogue in place of the car's own is none. */
function imagesOf(html: string): string[] {
  const gallery = elementWith(html, 'id="gallery"', 0, 300_000) ||
    elementWith(html, "<gallery-slides", 0, 300_000);
  return [...gallery.matchAll(/<img\b[^<>]{0,3000}>/gi)].map(([tag]) =>
    attribute(tag, "src") ?? attribute(tag, "data-src") ?? ""
  ).filter((url) => /\/in\/v2\//.test(url) && !/stock_photos|dealer_media/.test(url));
}
