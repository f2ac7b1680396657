/**
 * What one would write first: one vehicle at a time, the whole page as a tree, a request a value.
 * Is sent {api, key, mirror, vehicles: [{id, url}]}; prints what it did and what that took.
 */
import * as cheerio from "cheerio";
import { mirrorUrl } from "../demo/site/mirror.ts";
import { questions } from "./lines.ts";
import { readPage } from "./naive_reading.ts";
import { send } from "./rest.ts";
import { UsageMeter } from "./usage.ts";

interface Work {
  api: string;
  key: string;
  mirror: string;
  vehicles: { id: string; url: string }[];
}

for await (const work of questions()) {
  const meter = new UsageMeter();
  const before = meter.take().cpuMs;
  const start = performance.now();
  for (const vehicle of (work as Work).vehicles) await scrape(work as Work, vehicle);
  const { cpuMs, heapMb, residentMb } = meter.take();
  meter.stop();
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, cpuMs: cpuMs - before, heapMb, residentMb }));
}

async function scrape(work: Work, vehicle: { id: string; url: string }): Promise<void> {
  const page = await fetch(mirrorUrl(work.mirror, vehicle.url));
  const read = readPage(cheerio.load(await page.text()));
  for (const [field, value] of Object.entries(read.facts)) {
    await send(work, "PATCH", `vehicles?id=eq.${vehicle.id}`, { [field]: value });
  }
  if (read.bids.length + read.comments.length === 0) return; // no auction
  const source_url = vehicle.url.replace(/\/$/, "");
  const [event] = await send(work, "POST", "auction_events?on_conflict=source_url", {
    vehicle_id: vehicle.id,
    source_url,
    outcome: "unknown",
    bid_count: read.bids.length,
    comment_count: read.comments.length,
  }) as [{ id: string }];
  const auction_event_id = event.id;
  const key = "on_conflict=auction_event_id,source_id";
  for (const bid of read.bids) {
    await send(work, "POST", `auction_bids?${key}`, { auction_event_id, ...bid });
  }
  for (const comment of read.comments) {
    await send(work, "POST", `auction_comments?${key}`, { auction_event_id, ...comment });
  }
}
