/** Three ways from addresses to rows, each with its worker in a process of its own. */
import { z } from "zod";
import { startChild } from "./child.ts";
import { startFunction } from "./function_child.ts";
import { Naive } from "./naive.ts";
import type { Scene } from "./scene.ts";
import { type Usage, usage } from "./usage.ts";

/** Runs at the same time, as cron invokes them where much waits: one reads while another writes. */
const RUNS = 2;
/** Pages in work at the same time: a run reads eight at once. */
export const AT_ONCE = 8 * RUNS;
/** Listings of one call of the worker. */
const BATCH = 50;

/** What is stored of pages, counted in the database. */
interface Stored {
  pages: number;
  values: number;
}

/** One way of getting pages into the database. */
export interface Way {
  name: string;
  /** Whether it goes through the API; Crawlee has a connection of its own to Postgres. */
  usesApi: boolean;
  /** Gets these pages; gives what that took of its worker. */
  work(urls: readonly string[]): Promise<Usage>;
  stored(urls: readonly string[]): Promise<Stored>;
  stop(): Promise<void>;
}

/** Queue, fetch, extraction, vehicle with provenance: process-import-queue, unmodified. */
export async function ourImport(scene: Scene): Promise<Way> {
  const { sql } = scene;
  const worker = await startFunction("process-import-queue", scene);
  const answered = z.object({ processed: z.int() });
  const run = async () =>
    answered.parse(await worker.call({ batch_size: BATCH, max_runtime_ms: 60_000 })).processed;
  return {
    name: "the import",
    usesApi: true,
    async work(urls) {
      const before = await worker.usage();
      const items = urls.map((url) => ({ url }));
      await sql`select enqueue_listings(${sql.json(items)}, 'https://bench.example/')`;
      const drain = async () => {
        while (await run() > 0);
      };
      await Promise.all(Array.from({ length: RUNS }, drain));
      const after = await worker.usage();
      return { ...after, cpuMs: after.cpuMs - before.cpuMs };
    },
    async stored(urls) {
      const [held] = await sql<Stored[]>`
        select
          count(distinct l.canonical_url)::int as pages,
          (coalesce(sum(p.facts), 0) + coalesce(sum(a.entries), 0) + coalesce(sum(i.images), 0))::int as values
        from vehicle_listings l
        join vehicles v on v.id = l.vehicle_id and v.make is not null
        cross join lateral (
          select count(distinct m.field_name) as facts
          from extraction_metadata m
          where m.vehicle_id = v.id and m.validation_status = 'accepted'
        ) p
        cross join lateral (${auctionEntries(sql)}) a
        cross join lateral (select count(*) as images from image_downloads d where d.vehicle_id = v.id) i
        where p.facts > 0
          and l.canonical_url in (select canonical_listing_url(u) from unnest(${[
        ...urls,
      ]}::text[]) u)`;
      return held ?? { pages: 0, values: 0 };
    },
    stop: () => worker.stop(),
  };
}

/** How many bids and comments are held of the vehicle `v` of a query. */
function auctionEntries(sql: Scene["sql"]) {
  return sql`
    select sum((select count(*) from auction_bids b where b.auction_event_id = e.id)
      + (select count(*) from auction_comments c where c.auction_event_id = e.id)) as entries
    from auction_events e
    where e.vehicle_id = v.id`;
}

/** Crawlee's CheerioCrawler, as many pages at once, a transaction a page. */
export async function crawlee({ stack, site, sql }: Scene): Promise<Way> {
  await sql`
    create table crawled_pages (
      url text primary key,
      facts jsonb not null,
      bids jsonb not null,
      comments jsonb not null,
      images jsonb not null,
      crawled_at timestamptz not null default now()
    )`;
  const child = startChild("crawlee_process.ts");
  let before = usage.parse(
    await child.ask({ db: stack.dbUrl, mirror: site.url, atOnce: AT_ONCE }),
  );
  return {
    name: "Crawlee",
    usesApi: false,
    async work(urls) {
      const after = usage.parse(await child.ask({ urls }));
      const taken = { ...after, cpuMs: after.cpuMs - before.cpuMs };
      before = after;
      return taken;
    },
    async stored(urls) {
      const [held] = await sql<Stored[]>`
        select
          count(*)::int as pages,
          coalesce(sum((select count(*) from jsonb_object_keys(facts))
            + jsonb_array_length(bids) + jsonb_array_length(comments) + jsonb_array_length(images)), 0)::int as values
        from crawled_pages
        where facts ? 'make' and url = any (${[...urls]}::text[])`;
      return held ?? { pages: 0, values: 0 };
    },
    stop: () => child.stop(),
  };
}

/** One page after the other, a request a value; `insert` has made the vehicles of these pages. */
export function oneByOne(
  { stack, site, sql }: Scene,
  vehicles: readonly { id: string; url: string }[],
): Way {
  const naive = new Naive(stack, site.url);
  return {
    name: "one at a time, one value a request",
    usesApi: true,
    work: (urls) => naive.scrape(vehicles.filter(({ url }) => urls.includes(url))),
    async stored(urls) {
      const [held] = await sql<Stored[]>`
        select
          count(*)::int as pages,
          coalesce(sum(f.facts + coalesce(a.entries, 0)), 0)::int as values
        from vehicles v
        cross join lateral (
          select count(*) as facts
          from jsonb_object_keys(v.field_state) field
          where to_jsonb(v) ->> field is not null
        ) f
        cross join lateral (${auctionEntries(sql)}) a
        where v.make is not null and v.discovery_url = any (${[...urls]}::text[])`;
      return held ?? { pages: 0, values: 0 };
    },
    stop: () => naive.stop(),
  };
}
