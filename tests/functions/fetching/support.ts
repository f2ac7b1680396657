import postgres from "postgres";
import { type Stack, startStack } from "../../../local/stack.ts";
import {
  connect,
  type DatabaseClient,
} from "../../../supabase/functions/_shared/database/client.ts";
import {
  createFetcher,
  type Fetcher,
  type FetcherDeps,
} from "../../../supabase/functions/_shared/fetching/fetcher.ts";
import { playSite, type Site } from "../../support/site.ts";

/** A stack, a site and a database connection that the tests of one file share. */
interface World {
  stack: Stack;
  site: Site;
  sql: postgres.Sql;
  database: DatabaseClient;
  /** A worker of its own, with half a minute by default; the site answers for all hosts. */
  worker(options?: Partial<FetcherDeps> & { seconds?: number }): Fetcher;
}

/**
 * Starts a world before the file's tests, stops it after them, and empties the tables between them.
 * The hosts cars.example, images.example and other.example may be asked without pause.
 */
export function world(): World {
  const shared = {} as World;
  Deno.test.beforeAll(async () => {
    shared.stack = await startStack({ quiet: true, cron: false });
    shared.site = playSite();
    shared.sql = postgres(shared.stack.dbUrl, { max: 10, onnotice() {} });
    shared.database = connect(shared.stack.url, shared.stack.keys.secret);
    shared.worker = ({ seconds = 30, ...options } = {}) =>
      createFetcher({
        database: shared.database,
        env: { SUPABASE_URL: shared.stack.url, SOURCE_MIRROR_URL: shared.site.mirrorUrl },
        deadline: Date.now() + seconds * 1000,
        ...options,
      });
  });
  Deno.test.beforeEach(async () => {
    shared.site.reset();
    await shared.sql`truncate public.source_hosts, public.scraping_health, public.page_snapshots`;
    await shared.sql`insert into public.source_hosts (host, min_interval_ms)
      values ('cars.example', 0), ('images.example', 0), ('other.example', 0)`;
  });
  Deno.test.afterAll(async () => {
    await shared.sql.end();
    await shared.site[Symbol.asyncDispose]();
    await shared.stack.stop();
  });
  return shared;
}

/** A host that is known already: robots.txt read (there is none), asked at this rate. */
export async function knownHost(sql: postgres.Sql, host: string, minIntervalMs = 0): Promise<void> {
  await sql`
    insert into public.source_hosts
      (host, min_interval_ms, robots_status, robots_fetched_at, robots_fresh_until)
    values (${host}, ${minIntervalMs}, 404, now(), now() + interval '1 day')
    on conflict (host) do update
    set min_interval_ms = excluded.min_interval_ms,
        robots_status = excluded.robots_status,
        robots_fetched_at = excluded.robots_fetched_at,
        robots_fresh_until = excluded.robots_fresh_until`;
}
