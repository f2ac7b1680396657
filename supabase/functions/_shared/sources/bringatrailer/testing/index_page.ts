import { readIndex } from "../../read_index.ts";
import { pageOf } from "../../../domain/testing/page.ts";

export const RESULTS = "https://bringatrailer.com/auctions/results/";
export const LIVE = "https://bringatrailer.com/auctions/";

type Item = Record<string, unknown>;

/** A completed auction as the site's data holds it. */
export function item(parts: Item = {}): Item {
  return {
    active: false,
    categories: null,
    current_bid: 21_250,
    current_bid_formatted: "USD $21,250",
    country_code: "US",
    currency: "USD",
    excerpt: "This 2005 Ford Thunderbird has 14k miles.",
    noreserve: false,
    searchable: null,
    sold_text: "Sold for USD $21,250 <span> on 9/6/25 </span>",
    thumbnail_url: "https://bringatrailer.com/wp-content/uploads/2025/08/a.jpg?resize=470%2C318",
    timestamp_end: 1_757_183_566,
    title: "14k-Mile 2005 Ford Thunderbird",
    url: "https://bringatrailer.com/listing/2005-ford-thunderbird-90/",
    year: null,
    id: 99_881_323,
    ...parts,
  };
}

/** A live one. */
export function live(parts: Item = {}): Item {
  return item({
    active: true,
    current_bid: 70_500,
    current_bid_formatted: "USD $70,500",
    excerpt: null,
    searchable: "1985 Porsche 911 Carrera Coupe WP0AB0913FS121234",
    sold_text: "",
    timestamp_end: 1_796_000_000,
    title: "1985 Porsche 911 Carrera Coupe",
    url: "https://bringatrailer.com/listing/1985-porsche-911-carrera-coupe-73/",
    year: "1985",
    id: 116_070_319,
    ...parts,
  });
}

/** What is read from a page with these lists. */
export function index(lists: Record<string, Item[]>, url = RESULTS, extra = "") {
  const scripts = Object.entries(lists).map(([name, items]) =>
    `<script id="bat-theme-x">/* <![CDATA[ */\n    var ${name} = ${
      JSON.stringify({ items, items_per_page: 36, page_current: 1 })
    };\n/* ]]> */</script>`
  ).join("\n");
  return readIndex(pageOf(
    `<!doctype html><html><head><title>Auction Results | Bring a Trailer</title></head><body class="bat-listings-results">
    <p>${"Auctions of vehicles. ".repeat(40)}</p>${extra}${scripts}</body></html>`,
    url,
  ));
}

/** What is read from a list of completed auctions. */
export const completed = (...items: Item[]) => index({ auctionsCompletedInitialData: items });
