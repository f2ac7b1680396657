/** What `extract` shows of a listing is what `vehicle_listings` holds once the same page is imported. */
import assert from "node:assert/strict";
import { listingOf } from "../../scripts/extract/listing.ts";
import type { Extraction } from "../../supabase/functions/_shared/domain/extraction.ts";
import { sourceRows } from "../../supabase/functions/_shared/edge/tools.ts";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { itemOf } from "../../supabase/functions/_shared/workers/scrape/item.ts";
import { AUCTION_PAGES, corpusDir, corpusExists, MARKET_PAGES, pageOf } from "../corpus/folder.ts";
import { MADE_UP, madeUpPage } from "../corpus/made_up.ts";
import { startWorld, type World } from "../support/world.ts";

const FETCHED_AT = "2026-01-01T00:00:00Z";

/** Every page of a listing, real ones where they are on this machine, with its address. */
function pages(): { url: string; extraction: Extraction }[] {
  const real = corpusExists ? Object.entries({ ...AUCTION_PAGES, ...MARKET_PAGES }) : [];
  return [
    ...Object.entries(MADE_UP).map(([file, url]) => ({ url, body: madeUpPage(file) })),
    ...real.map(([file, url]) => ({ url, body: Deno.readTextFileSync(`${corpusDir}/${file}`) })),
  ].map(({ url, body }) => ({ url, extraction: extract(pageOf(body, url, FETCHED_AT)) }))
    .filter(({ extraction }) => extraction.outcome === "listing");
}

/** The page with what it says less sure, and with every outcome that an auction can have. */
function variants({ url, extraction }: { url: string; extraction: Extraction }) {
  const { auction, facts } = extraction;
  const doubtful = Object.fromEntries(
    Object.entries(facts).map(([field, fact]) => [
      field,
      field === "year" || field === "make" ? fact : { ...fact, confidence: 0.4 },
    ]),
  );
  const outcomes = ["sold", "bid_to", "no_sale", "withdrawn", "live", "unknown"] as const;
  return [
    { url, extraction },
    { url, extraction: { ...extraction, auction: null, facts: doubtful } },
    ...(auction === null ? [] : outcomes.map((outcome) => ({
      url,
      extraction: { ...extraction, auction: { ...auction, outcome } },
    }))),
  ];
}

/** Imports a page and gives its row; what was imported is taken back. */
async function held({ sql }: World, url: string, extraction: Extraction): Promise<unknown> {
  const item = itemOf(url, {
    kind: "read",
    outcome: "ok",
    from: "site",
    listingUrl: null,
    extraction,
    hash: "f".repeat(64),
    pageAt: FETCHED_AT,
    snapshotId: null,
    ms: 1,
  });
  const takenBack = new Error("taken back");
  let row: unknown;
  await sql.begin(async (tx) => {
    await tx`select import_listings(${tx.json(JSON.parse(JSON.stringify([item])))})`;
    [row] = await tx`select kind, status, price::float8, currency, seller from vehicle_listings`;
    throw takenBack;
  }).catch((error) => {
    if (error !== takenBack) throw error;
  });
  return row;
}

Deno.test("extract says of a listing what vehicle_listings holds of it", async (t) => {
  const world = await startWorld({ site: { counts: {} } });
  try {
    const rows = JSON.parse(JSON.stringify(sourceRows()));
    await world.sql`select sync_scrape_sources(${world.sql.json(rows)})`;
    const all = pages();
    const kinds = new Set(all.map(({ url, extraction }) => listingOf(extraction, url)?.kind));
    assert.deepEqual([...kinds].sort(), ["auction", "classified", "dealer"]);
    for (const page of all) {
      await t.step(page.url, async () => {
        for (const { url, extraction } of variants(page)) {
          assert.deepEqual(listingOf(extraction, url), {
            ...await held(world, url, extraction) as object,
          });
        }
      });
    }
  } finally {
    await world.close();
  }
});
