import type { ImportItem } from "../../database/imports.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { itemOf } from "../scrape/item.ts";
import { readListing } from "../scrape/read_listing.ts";

/** A listing that was read, as it is imported. */
export interface ReadListing {
  kind: "done";
  item: ImportItem;
}

/**
 * Reads a listing once, for import.
 * @param keepSnapshot whether the page is kept.
 */
export async function readForImport(
  fetcher: Fetcher,
  url: string,
  keepSnapshot: boolean,
): Promise<ReadListing | NotStarted> {
  const reading = await readListing(fetcher, url, { keepSnapshot });
  if (reading.kind === "not_started") return reading;
  // A listing whose address has changed is one listing, not two.
  const own = reading.kind === "read" ? reading.listingUrl : null;
  return { kind: "done", item: itemOf(own ?? url, reading) };
}
