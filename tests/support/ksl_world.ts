/** KSL vehicles as an older version of their scraper left them. */
import { forget } from "../../demo/driver/forget.ts";
import { insertListings, startWorld, type World } from "./world.ts";

export const KSL = "cars.ksl.com";

/** 60 vehicles: 13 hold their VIN; of 41 it stands in the page and was not read; of 6 it does not. */
const LISTINGS = 60;
const HELD = 13;
const NOT_STATED = 6;

export interface KslWorld extends World {
  urls: string[];
  ids: string[];
  /** Those that lack the VIN. */
  lacking: string[];
  /** Those of them whose page does not state it. */
  notStated: string[];
}

/** A stack and a site with 60 KSL listings, each read once and its page kept. */
export async function startKslWorld(options: { cron?: boolean } = {}): Promise<KslWorld> {
  const world = await startWorld({
    ...options,
    site: { seed: "healing", counts: { [KSL]: LISTINGS } },
  });
  const { site, sql, post } = world;
  const urls = Array.from({ length: LISTINGS }, (_, i) => site.catalogue.at(KSL, i)?.url ?? "");
  for (const url of urls.slice(-NOT_STATED)) {
    site.setFault(url, { kind: "page_says", change: "without_vin" });
  }
  const ids = await insertListings(sql, urls);
  const answer = await post("scrape-vehicle", { vehicle_ids: ids });
  if (!answer.body.success) throw new Error(`seeding: ${JSON.stringify(answer.body)}`);
  const lacking = ids.slice(HELD);
  await forget(sql, lacking, "vin");
  site.clearLog();
  return { ...world, urls, ids, lacking, notStated: ids.slice(-NOT_STATED) };
}
