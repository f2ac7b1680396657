import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "../../supabase/functions/_shared/domain/page.ts";

/** The folder of real pages: `CORPUS_DIR`, else beside the project; it is no part of it. */
export const corpusDir = Deno.env.get("CORPUS_DIR") ??
  fileURLToPath(new URL("../../../shared/corpus", import.meta.url));

export const corpusExists = existsSync(`${corpusDir}/truth.jsonl`);

/** A test on the real pages; where they are absent it is reported as skipped, by name. */
export function corpusTest(name: string, fn: () => void | Promise<void>): void {
  Deno.test({
    name: corpusExists ? name : `${name} (skipped: no corpus at CORPUS_DIR)`,
    ignore: !corpusExists,
    fn,
  });
}

/** The pages of auctions, which are measured, damaged and compared with what they gave before. */
export const AUCTION_PAGES: Readonly<Record<string, string>> = {
  "bringatrailer/bid-to-ferrari-360-2001.html":
    "https://bringatrailer.com/listing/2001-ferrari-360-spider-89/",
  "bringatrailer/live-356a-1959.html":
    "https://bringatrailer.com/listing/1959-porsche-356a-convertible-d-43/",
  "bringatrailer/sold-cayman-2009.html":
    "https://bringatrailer.com/listing/2009-porsche-cayman-46/",
};

/** The pages of the other markets, with addresses of the form that the site gives them. */
export const MARKET_PAGES: Readonly<Record<string, string>> = {
  "carscom/detail-2020-honda-civic-lx.html":
    "https://www.cars.com/vehicledetail/3715142b-250e-4689-a303-e5924eb2ceaa/",
  "carsandbids/auction-live-rendered.html":
    "https://carsandbids.com/auctions/KV0vnYqQ/2000-honda-s2000",
};

/** A saved page as the fetcher gives it; always fetched at the same time, so that it reads the same. */
export function pageOf(body: string, url: string, fetchedAt = "2026-01-01T00:00:00Z"): Page {
  return { url, status: 200, contentType: "text/html", body, fetchedAt };
}
