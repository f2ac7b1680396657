import assert from "node:assert/strict";
import { whyNoVehicle } from "../../supabase/functions/_shared/extraction/index/non_vehicle_lot.ts";
import { readIndex } from "../../supabase/functions/_shared/sources/read_index.ts";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { POSTS } from "./craigslist_posts.ts";
import { fiveDetails } from "./csv.ts";
import { corpusDir, corpusTest, pageOf } from "./folder.ts";
import { labelled, resultRows } from "./labels.ts";

corpusTest(
  "of 4,000 titles of vehicles none is dropped, of other titles most are",
  async () => {
    const slug = (url = "") => /\/listing\/([^/]+)/.exec(url)?.[1] ?? "";
    const rows = (await resultRows(corpusDir)).map((row) => {
      const title = row.title ?? "";
      const lot = { title, slug: slug(row.auctionUrl), text: null, year: null, chassis: null };
      const why = whyNoVehicle({ ...lot, filed: null, listHasYears: false });
      const numbered = fiveDetails(row).some((line) => line.startsWith("Chassis: "));
      return { title, why, parts: row.make?.startsWith("Parts") === true, numbered };
    });
    const vehicles = rows.filter(({ parts, numbered }) => numbered && !parts);
    assert.ok(vehicles.length > 4_000);
    // Go-karts, rides, an outboard and a trailer that the site files under makers, with numbers.
    const dropped = vehicles.filter(({ why }) => why !== null).map(({ title }) => title);
    assert.ok(
      dropped.every((title) => /go-kart|children’s ride|outboard|enclosed trailer/i.test(title)),
      JSON.stringify(dropped),
    );
    assert.ok(dropped.length < 10);
    const nonVehicles = rows.filter(({ parts }) => parts);
    const kept = nonVehicles.filter(({ why }) => why === null).map(({ title }) => title);
    console.log(
      `non-vehicles kept, for their own page to decide: ${kept.length} of ${nonVehicles.length}`,
      kept,
    );
    assert.ok(nonVehicles.length > 250 && kept.length < 0.07 * nonVehicles.length);
  },
);

corpusTest("no vehicle that a person labelled is dropped by its title", async () => {
  const rows = await resultRows(corpusDir);
  const lost = (await labelled(rows)).filter((one) => one.isVehicle).map(({ id, title }) => ({
    title,
    why: whyNoVehicle({
      title,
      slug: /\/listing\/([^/]+)/.exec(rows[id]?.auctionUrl ?? "")?.[1] ?? "",
      text: null,
      year: null,
      chassis: null,
      filed: null,
      listHasYears: false,
    }),
  })).filter(({ why }) => why !== null);
  assert.deepEqual(lost, []);
});

/** A search of 2021 made of the real posts: their addresses, and the titles that they bear. */
async function searchOfPosts(): Promise<{ html: string; listings: string[]; others: string[] }> {
  const listings: string[] = [];
  const others: string[] = [];
  let rows = "";
  for (const [file, url] of Object.entries(POSTS)) {
    const body = await Deno.readTextFile(`${corpusDir}/${file}`);
    const title = /<span id="titletextonly">([^<]*)</.exec(body)?.[1] ?? "";
    rows += `<li class="result-row" data-pid="1"><a href="${url}" class="result-image"></a>
      <a href="${url}" class="result-title hdrlnk">${title}</a></li>`;
    (extract(pageOf(body, url)).outcome === "listing" ? listings : others).push(url);
  }
  return { html: `<ul class="rows">${rows}</ul>`, listings, others };
}

corpusTest("a search does not drop a post that its own page shows to be a vehicle", async () => {
  const { html, listings, others } = await searchOfPosts();
  const { entries, skipped } = readIndex(
    pageOf(html, "https://greenville.craigslist.org/search/cto"),
  );
  const kept = new Set(entries.map(({ url }) => url));
  assert.ok(listings.length > 120);
  assert.deepEqual(listings.filter((url) => !kept.has(url)), []);
  assert.equal(entries.length + skipped.length, new Set([...listings, ...others]).size);
});
