/** Whatever says that a vehicle is sold, on hold or no longer offered, and on whichever page: it is not for sale. */
import assert from "node:assert/strict";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { POSTS } from "./craigslist_posts.ts";
import { AUCTION_PAGES, corpusDir, corpusTest, pageOf } from "./folder.ts";
import { MADE_UP, madeUpPage } from "./made_up.ts";

const BADGES = [
  "SOLD",
  "Sold!",
  "This vehicle has been sold",
  "Verkauft",
  "Véhicule vendu",
  "Verkocht",
  "Venduto",
  "Vendido",
  "Sprzedane",
  "Såld",
];
const HELD = ["Sale pending", "On hold", "Reserviert", "Réservé", "Riservato", "Zarezerwowane"];
const OVER = ["This listing has expired", "Nicht mehr verfügbar", "Ya no está disponible"];

/** What all these words must leave of the page's facts: the car itself. */
const CAR = ["year", "make", "model", "vin", "mileage"] as const;

function assertNotForSale(name: string, before: string, after: string, url: string, sold: boolean) {
  const [was, is] = [before, after].map((body) => extract(pageOf(body, url)));
  assert.ok(was !== undefined && is !== undefined);
  // A page without markup may be told to be removed by such a notice.
  if (is.outcome === "not_a_listing") return;
  for (const field of CAR) assert.equal(is.facts[field]?.value, was.facts[field]?.value, name);
  const status = is.facts.sale_status?.value;
  assert.notEqual(status, "for_sale", name);
  if (!sold) assert.notEqual(status, "sold", name);
}

for (const [file, url] of Object.entries(MADE_UP)) {
  const body = madeUpPage(file);
  if (extract(pageOf(body, url)).facts.sale_status?.value !== "for_sale") continue;
  Deno.test(`a badge beside the heading of ${file} takes it off sale, in every language`, () => {
    const heading = body.search(/<h1\b/i);
    const end = body.indexOf("</h1>", heading) + 5;
    if (heading < 0) {
      // Without a heading the title is the place.
      const titled = body.replace(/<title>/i, "<title>SOLD: ");
      if (titled !== body) assertNotForSale(file, body, titled, url, true);
      return;
    }
    for (const words of [...BADGES, ...HELD, ...OVER]) {
      for (const [place, at] of Object.entries({ before: heading, behind: end })) {
        const badge = `<div class="badge"><b>${words}</b></div>`;
        const changed = body.slice(0, at) + badge + body.slice(at);
        const name = `${file}, "${words}" ${place} the heading`;
        assertNotForSale(name, body, changed, url, BADGES.includes(words));
      }
    }
  });
}

const TITLES = ["SOLD", "**SOLD**", "sale pending", "sold pending pickup", "VENDIDO", "on hold"];

corpusTest("a post whose title says that it is sold or pending is not for sale", () => {
  let posts = 0;
  for (const [file, url] of Object.entries(POSTS)) {
    const body = Deno.readTextFileSync(`${corpusDir}/${file}`);
    if (extract(pageOf(body, url)).outcome !== "listing") continue;
    posts++;
    const words = TITLES[posts % TITLES.length] ?? "SOLD";
    const changed = body.replace(/(id="titletextonly">)([^<]*)/, `$1$2 - ${words}`);
    const pending = /pending|hold/.test(words);
    const { facts, retractions } = extract(pageOf(changed, url));
    assert.equal(facts.sale_status?.value, pending ? undefined : "sold", `${file} "${words}"`);
    assert.equal(retractions.sale_status !== undefined, pending, file);
  }
  assert.ok(posts > 100, `${posts} posts`);
});

const WITHDRAWN = [
  "Withdrawn <span>on 3/4/25</span>",
  "This listing has been withdrawn",
  "Auction Withdrawn",
  "This auction was withdrawn by the seller",
];

corpusTest("an auction whose line says withdrawn is withdrawn, whatever its table shows", () => {
  for (const [file, url] of Object.entries(AUCTION_PAGES)) {
    const body = Deno.readTextFileSync(`${corpusDir}/${file}`);
    const sold = extract(pageOf(body, url)).auction?.outcome === "sold";
    for (const words of WITHDRAWN) {
      const changed = body.replace(
        /(class="listing-available-info">)[\s\S]*?(?=<a class="comments-anchor-link")/,
        `$1<span class="info-value">${words}</span>`,
      );
      assert.notEqual(changed, body, file);
      const { facts } = extract(pageOf(changed, url));
      assert.equal(facts.sale_status?.value, "withdrawn", `${file}, ${words}`);
      assert.equal(facts.sale_price, undefined);
      // Its record still says sold: the page is sure of neither.
      assert.equal((facts.sale_status?.confidence ?? 1) < 0.5, sold, file);
      if (!sold) assert.ok((facts.high_bid?.value ?? 0) > 0, file);
    }
  }
});
