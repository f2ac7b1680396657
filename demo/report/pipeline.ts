import type { PipelineRun } from "../driver/pipeline.ts";
import { table } from "./table.ts";

/** What was found and imported, as `--json` prints it. */
export interface PipelineSummary {
  feeds: { url: string; listings: number; queued: number; known: number; no_vehicles: number }[];
  /** Listings asked for by their URL. */
  asked: number;
  /** Listings that came from the queue, and those of them that were another auction of a vehicle. */
  imported: number;
  relistings: number;
  /** Titles of listings that only their page showed to be no vehicles. */
  no_vehicles: string[];
}

/** Puts what the pipeline did into one object. */
export function summarisePipeline(run: PipelineRun): PipelineSummary {
  const vehicles = new Set(run.asked.values());
  const imported = run.queue.filter((it) => it.status === "complete");
  return {
    feeds: run.feeds.map(({ url, found, queued, known, skipped }) => ({
      url,
      listings: found + skipped,
      queued,
      known,
      no_vehicles: skipped,
    })),
    asked: run.asked.size,
    imported: imported.length,
    relistings: imported.filter((it) => vehicles.has(it.vehicle)).length,
    no_vehicles: run.queue.filter((it) => it.outcome === "not_a_listing")
      .map((it) => it.title ?? it.url),
  };
}

/** What was found and imported, as a person reads it. */
export function pipelineText(it: PipelineSummary): string {
  const rows = it.feeds.map((feed) => [
    feed.url.replace("https://", ""),
    String(feed.listings),
    String(feed.queued),
    String(feed.known),
    String(feed.no_vehicles),
  ]);
  return `${
    table(
      [["index page or feed", "listings", "new", "known", "no vehicles"], ...rows],
      [1, 2, 3, 4],
    )
  }

  ${it.asked} listings asked for by URL, ${it.imported} imported from the queue; ${it.relistings} of these offer a vehicle
  again that was here already. No vehicles by their page: ${it.no_vehicles.join(", ") || "none"}.`;
}
