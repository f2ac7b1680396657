import type { DatabaseClient } from "../../database/client.ts";
import { waitingImports } from "../../database/import_queue.ts";
import {
  enqueueListings,
  importListings,
  type ImportResult,
  previewImports,
} from "../../database/imports.ts";
import { canHeal, outcomeCode, wasRead } from "../../domain/outcome.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { ImageTools } from "../images/download.ts";
import { reportEach, type Warn, workAll } from "../lease/work.ts";
import { downloadImages, imagesLeft } from "./images.ts";
import { readForImport, type ReadListing } from "./item.ts";
import { type Imported, importedOf, notBegun } from "./report.ts";

/** What an import needs of the outside. */
interface ImportTools {
  database: DatabaseClient;
  fetcher: Fetcher;
  images: ImageTools;
  /** Epoch milliseconds after which no page is begun. */
  deadline: number;
  warn: Warn;
}

interface ImportOptions {
  dryRun: boolean;
  /** Download what fits the time; otherwise the image queue does. */
  downloadImages: boolean;
}

/** As the import queue spells a listing of Bring a Trailer. */
const canonical = (url: string): string => url.replace(/\/$/, "");

/** What could not be read now waits in the import queue, where its worker tries it again. */
async function queueWhatFailed(
  database: DatabaseClient,
  all: readonly Imported[],
): Promise<Imported[]> {
  const failed = all.filter(({ vehicle_id, outcome }) => {
    if (vehicle_id !== null) return false;
    const code = outcomeCode.safeParse(outcome);
    if (!code.success) return true; // not begun, or not written
    // The queue knows how long robots.txt is to be obeyed before a listing is given up.
    return canHeal(code.data) || code.data === "robots_disallowed";
  });
  if (failed.length === 0) return [...all];
  const urls = failed.map(({ url }) => url);
  await enqueueListings(database, urls.map((url) => ({ url, source: "bringatrailer" })));
  const waiting = await waitingImports(database, urls.map(canonical));
  return all.map((one) =>
    failed.includes(one) ? { ...one, queued: waiting.has(canonical(one.url)) } : one
  );
}

async function withImages(
  all: readonly Imported[],
  tools: ImportTools,
  options: ImportOptions,
): Promise<Imported[]> {
  const read = (one: Imported): one is Imported & { vehicle_id: string } =>
    one.vehicle_id !== null && wasRead(one.outcome);
  const wanted = options.dryRun || !options.downloadImages ? [] : all.filter(read);
  const steps = await downloadImages(
    wanted.map(({ vehicle_id, url }) => ({ vehicle_id, url })),
    tools.images,
    tools.warn,
  );
  const left = imagesLeft("not asked for: the image queue downloads them");
  return all.map((one) => {
    if (!read(one) || options.dryRun) return one;
    return { ...one, steps: [...one.steps, steps.get(one.vehicle_id) ?? left] };
  });
}

/**
 * Makes vehicles of listings: reads each once, writes data, image URLs, bids and comments each on
 * its own, then downloads images. Results come in the order of the URLs.
 * @param urls as `readListingUrl` spells them, none twice.
 * @throws DatabaseError when the database cannot be reached.
 */
export async function importDirectly(
  urls: readonly string[],
  tools: ImportTools,
  options: ImportOptions,
): Promise<Imported[]> {
  const { database, fetcher, deadline, warn } = tools;
  const { dryRun } = options;
  const listings = urls.map((url) => ({ url }));
  const worked = await workAll<{ url: string }, ReadListing, ImportResult>(listings, {
    deadline,
    work: ({ url }) => readForImport(fetcher, url, !dryRun),
    failure: ({ url }, message) => ({
      kind: "done",
      item: { source_url: url, outcome: "server_error", error: `reading it broke: ${message}` },
    }),
    write: (items) => (dryRun ? previewImports : importListings)(database, items),
    warn,
  });
  const all = reportEach(listings, worked, {
    finished: ({ row, one, result }) => importedOf(row.url, one.item, result, dryRun),
    released: ({ row, why }) => notBegun(row.url, why.message),
  });
  const kept = dryRun ? all : await queueWhatFailed(database, all);
  return await withImages(kept, tools, options);
}
