import type { DatabaseClient } from "../../database/client.ts";
import { waitingImports } from "../../database/import_queue.ts";
import { enqueueListings, type ImportItem, type ImportResult } from "../../database/imports.ts";
import { wasRead } from "../../domain/outcome.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { ImageTools } from "../images/download.ts";
import { type Attempt, reportEach, type Warn, workAll } from "../lease/work.ts";
import { importItemOf } from "../scrape/item.ts";
import { readListing } from "../scrape/read_listing.ts";
import { type ListingReport, listingReportOf, NOT_IMPORTED, notRead } from "../scrape/report.ts";
import { writeImports } from "../scrape/write.ts";
import { downloadImages, imageStep } from "./images.ts";

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

/** What became of one URL. */
interface Imported extends ListingReport {
  /** In the spelling that was asked for. */
  url: string;
  /** Whether it waits in the import queue, which tries it again. */
  queued: boolean;
}

/** What became of one URL, and whether another time may bring more. */
interface Tried {
  one: Imported;
  isTriedAgain: boolean;
}

/** As the import queue spells a listing of Bring a Trailer. */
const canonical = (url: string): string => url.replace(/\/$/, "");

/** What could not be read now waits in the import queue, where its worker tries it again. */
async function queueWhatFailed(
  database: DatabaseClient,
  tried: readonly Tried[],
): Promise<Imported[]> {
  const urls = tried.filter(({ isTriedAgain }) => isTriedAgain).map(({ one }) => one.url);
  if (urls.length === 0) return tried.map(({ one }) => one);
  await enqueueListings(database, urls.map((url) => ({ url, source: "bringatrailer" })));
  const waiting = await waitingImports(database, urls.map(canonical));
  return tried.map(({ one, isTriedAgain }) => ({
    ...one,
    queued: isTriedAgain && waiting.has(canonical(one.url)),
  }));
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
  const left = imageStep(null, "not asked for: the image queue downloads them", null);
  return all.map((one) => {
    if (!read(one) || options.dryRun) return one;
    return { ...one, steps: [...one.steps, steps.get(one.vehicle_id) ?? left] };
  });
}

/** A URL that could not be begun. */
function notBegun(url: string, message: string): Imported {
  const report = notRead(null, "not_started", message);
  const step = {
    step_name: "extract_data",
    status: "skipped" as const,
    outcome_code: null,
    duration_ms: null,
    error_message: message,
  };
  return { url, queued: false, ...report, ...NOT_IMPORTED, steps: [step] };
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
  fetcher.expect(urls);
  const worked = await workAll<{ url: string }, Attempt<ImportItem>, ImportResult>(listings, {
    deadline,
    async work({ url }) {
      const reading = await readListing(fetcher, url, { keepSnapshot: !dryRun });
      if (reading.kind === "not_started") return reading;
      return { kind: "done", item: importItemOf(url, reading) };
    },
    failure: ({ url }, message) => ({
      kind: "done",
      item: { source_url: url, outcome: "server_error", error: `reading it broke: ${message}` },
    }),
    write: writeImports({ database, fetcher, dryRun }),
    warn,
  });
  const all = reportEach<{ url: string }, Attempt<ImportItem>, ImportResult, Tried>(
    listings,
    worked,
    {
      finished: ({ row: { url }, result }) => ({
        one: { url, queued: false, ...listingReportOf(result, dryRun) },
        // The queue knows how long robots.txt is to be obeyed before a listing is given up.
        isTriedAgain: result.vehicle_id === null &&
          (result.can_heal || result.outcome === "robots_disallowed"),
      }),
      released: ({ row: { url }, why }) => ({
        one: notBegun(url, why.message),
        isTriedAgain: true,
      }),
    },
  );
  const kept = dryRun ? all.map(({ one }) => one) : await queueWhatFailed(database, all);
  return await withImages(kept, tools, options);
}
