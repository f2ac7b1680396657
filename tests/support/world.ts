import postgres from "postgres";
import { type Site, type SiteOptions, startSite } from "../../demo/site/server.ts";
import type { Stack, StackOptions } from "../../local/stack.ts";
import { type Answer, postTo } from "./post.ts";
import { startTestStack } from "./stack.ts";

export type { Answer };

/** A stack whose fetches go to a listing site on this machine, and a way to ask both. */
export interface World {
  stack: Stack;
  site: Site;
  /** Connects as the role `postgres`. */
  sql: postgres.Sql;
  /** Calls a function with the secret key. */
  post(name: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

interface WorldOptions extends StackOptions {
  site?: SiteOptions;
}

/** Starts both, without cron unless it is asked for, and lets every host be asked at any rate. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { site: siteOptions, ...stackOptions } = options;
  const site = await startSite(siteOptions);
  const stack = await startTestStack({
    cron: false,
    ...stackOptions,
    functionEnv: { SOURCE_MIRROR_URL: site.url, ...stackOptions.functionEnv },
  });
  const sql = postgres(stack.dbUrl, { max: 10, onnotice: () => {} });
  await sql`alter table source_hosts alter column min_interval_ms set default 0`;
  return {
    stack,
    site,
    sql,
    post: (name, body, headers) => postTo(stack, name, body, headers),
    async close() {
      await sql.end({ timeout: 5 });
      await stack.stop();
      await site.stop();
    },
  };
}

/** Inserts vehicles that know nothing but their URL; gives their ids in order. */
export async function insertListings(sql: postgres.Sql, urls: string[]): Promise<string[]> {
  const rows = await sql<{ id: string; discovery_url: string }[]>`
    insert into vehicles (discovery_url) select unnest(${urls}::text[]) returning id, discovery_url`;
  const ids = new Map(rows.map((row) => [row.discovery_url, row.id]));
  return urls.map((url) => ids.get(url) ?? "");
}

/** Every row of every table of the schemas public and private, as text: to see that nothing changed. */
export async function everything(sql: postgres.Sql): Promise<Record<string, string[]>> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', c.relnamespace::regnamespace, c.relname) as name
    from pg_class c
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
      and c.relkind in ('r', 'p')
      and not c.relispartition -- their rows are those of the table that they are parts of
    order by 1`;
  const contents: Record<string, string[]> = {};
  for (const { name } of tables) {
    const rows = await sql.unsafe(`select t::text as row from ${name} t order by 1`);
    contents[name] = rows.map((row) => String(row.row));
  }
  return contents;
}

/** The tables whose rows are no longer those of `before`, in order of name. */
export async function changedTables(
  sql: postgres.Sql,
  before: Record<string, string[]>,
): Promise<string[]> {
  const after = await everything(sql);
  const same = (name: string) => JSON.stringify(after[name]) === JSON.stringify(before[name]);
  return Object.keys(after).filter((name) => !same(name)).sort();
}
