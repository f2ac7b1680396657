import postgres from "postgres";
import { type Stack, startStack } from "../local/stack.ts";
import type { Bench } from "./figure.ts";
import { type PageKind, type PageSite, startPageSite } from "./page_site.ts";

/** A stack, and pages that its functions can read at any rate. */
export interface Scene {
  stack: Stack;
  site: PageSite;
  sql: postgres.Sql;
  /** Inserts vehicles that know nothing but the URLs of these pages (by number). */
  insert(from: number, to: number): Promise<{ id: string; url: string }[]>;
  close(): Promise<void>;
}

/** Cron is off: the runs are those that the benchmark starts. */
export async function openScene(
  bench: Bench,
  pages: number,
  kind: PageKind = "auctions",
): Promise<Scene> {
  bench.say(`making the pages of ${pages} ${kind}`);
  const site = await startPageSite(kind, pages, bench.say);
  const stack = await startStack({
    quiet: true,
    cron: false,
    functionEnv: { SOURCE_MIRROR_URL: site.url },
  });
  const sql = postgres(stack.dbUrl, { max: 2, onnotice: () => {} });
  await sql`alter table source_hosts alter column min_interval_ms set default 0`;
  return {
    stack,
    site,
    sql,
    async insert(from, to) {
      const urls = site.pages.slice(from, to).map(({ url }) => url);
      const rows = await sql<{ id: string; url: string }[]>`
        insert into vehicles (discovery_url)
        select unnest(${urls}::text[])
        returning id, discovery_url as url`;
      return [...rows];
    },
    async close() {
      await sql.end();
      await stack.stop();
      site.stop();
    },
  };
}
