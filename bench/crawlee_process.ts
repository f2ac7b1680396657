/**
 * What one would take first from the shelf: Crawlee's CheerioCrawler, its queue in memory, a row a page.
 * Is sent {db, mirror, atOnce}, then {urls} for each crawl; prints its usage and what it crawled.
 */
import { CheerioCrawler, Configuration, log, LogLevel } from "@crawlee/cheerio";
import type { CheerioAPI } from "cheerio";
import postgres from "postgres";
import { z } from "zod";
import { mirrorUrl } from "../demo/site/mirror.ts";
import { questions } from "./lines.ts";
import { readGallery, readPage } from "./naive_reading.ts";
import { UsageMeter } from "./usage.ts";

const start = z.object({ db: z.string(), mirror: z.string(), atOnce: z.int() });
const crawl = z.object({ urls: z.array(z.string()) });

log.setLevel(LogLevel.OFF); // standard output is for answers
const meter = new UsageMeter();
let tools: z.infer<typeof start> & { sql: postgres.Sql } | null = null;
for await (const question of questions()) {
  if (tools === null) {
    const given = start.parse(question);
    tools = { ...given, sql: postgres(given.db, { max: given.atOnce, onnotice: () => {} }) };
    console.log(JSON.stringify(meter.take()));
  } else {
    const finished = await crawlAll(tools, crawl.parse(question).urls);
    console.log(JSON.stringify({ ...meter.take(), finished }));
  }
}
Deno.exit(0);

/** Crawls these pages, `atOnce` at a time; gives how many succeeded. */
async function crawlAll(
  { sql, mirror, atOnce }: { sql: postgres.Sql; mirror: string; atOnce: number },
  urls: readonly string[],
): Promise<number> {
  const crawler = new CheerioCrawler({
    minConcurrency: atOnce,
    maxConcurrency: atOnce,
    // Each page once; what is of use against sites that defend themselves would only cost it time.
    maxRequestRetries: 0,
    useSessionPool: false,
    async requestHandler({ $, request }) {
      const url = z.string().parse(request.userData["url"]);
      // The same class, a version older.
      const page = $ as unknown as CheerioAPI;
      const { facts, bids, comments } = readPage(page);
      await sql.begin(async (sql) => {
        await sql`
          insert into crawled_pages (url, facts, bids, comments, images)
          values (${url}, ${sql.json(facts)}, ${sql.json(bids)}, ${sql.json(comments)}, ${
          sql.json(readGallery(page))
        })`;
      });
    },
  }, new Configuration({ persistStorage: false, availableMemoryRatio: 0.5 }));
  const { requestsFinished } = await crawler.run(
    urls.map((url) => ({ url: mirrorUrl(mirror, url), userData: { url } })),
  );
  await crawler.teardown();
  return requestsFinished;
}
