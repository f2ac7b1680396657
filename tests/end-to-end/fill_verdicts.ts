/** Cycles of database-fill-agent on a real stack, whose sites are played here and whose clock is moved. */
import { untilQuiet } from "../../demo/fill/driver/quiet.ts";
import { carOf, carPage, carUrl, xml } from "../support/car_sites.ts";
import { cloudflareWall } from "../../demo/site/markup/walls.ts";
import { playSite, type SiteRequest } from "../support/site.ts";
import { node } from "../support/node.ts";
import { until } from "../support/until.ts";
import { startWorld, type World } from "../support/world.ts";

const SLOT = 7_200_000;
const MINUTE = 60_000;

type Answer = (request: SiteRequest) => Response;

/** A site that lists cars, and how it is asked. */
interface Played {
  host: string;
  cars: number;
  robots?: string;
  /** Answers every request but those for robots.txt, in the place of the site. */
  instead?: Answer;
  minIntervalMs?: number;
}

/** A cycle as its row tells of it. */
export interface EndedCycle {
  vehicles_added: number;
  on_target: boolean;
  verdict: string | null;
  next_actions: string[];
  metrics: {
    missing: number;
    held_back: Record<string, number>;
    hosts: Record<string, {
      hosts: number;
      listings: number;
      requests: number;
      examples: { host: string; why: string | null }[];
    }>;
    errors: { error: string; hosts: number; listings: number; url: string | null }[];
    workers: Record<string, { state: string; why: string | null }>;
  };
}

interface FillWorld extends World {
  /** Takes the place of the sites that stood there before, of their feeds, and of what waits of them. */
  play(sites: Played[]): Promise<void>;
  /** Goes on to these minutes of the cycle that runs, and waits at each until what is due is done. */
  goTo(minutes: readonly number[], longestMs?: number): Promise<void>;
  /** Goes to the end of the slot, and gives the row of its cycle. */
  end(): Promise<EndedCycle>;
  /**
   * Types what an advice says, with these words in the place of its own: SQL, which is taken back unless it is to stay
   * or has words of ours, and scripts of ours; `supabase …` is for a hosted project.
   * Gives what a script printed. @throws what Postgres says of it.
   */
  type(
    advice: string,
    words?: Record<string, string>,
    stays?: boolean,
  ): Promise<string | undefined>;
  /** Requests that reached a site, robots.txt left out, in the hour with most of them. */
  mostInAnHour(host: string): number;
}

/** A bot wall instead of each page. */
export const botWalled: Answer = ({ url }) =>
  new Response(cloudflareWall(url.host), {
    status: 403,
    headers: { "content-type": "text/html", server: "cloudflare" },
  });

/** A site that is down. */
export const failing: Answer = () => new Response("<h1>We are working on it</h1>", { status: 503 });

/** What stands behind the colon of an advice, when it can be typed. */
const TYPED = /: ((?:select|update|insert|node|supabase|curl) .*)$/s;

function feedOf(host: string, cars: number): Response {
  const items = Array.from({ length: cars }, (_, n) => carOf(host, n)).map((car) =>
    `<item><title>${car.year} ${car.make} ${car.model}</title><link>${
      carUrl(host, car)
    }</link></item>`
  );
  return xml(`<rss version="2.0"><channel><title>${host}</title>${items.join("")}</channel></rss>`);
}

function answerOf({ host, cars, instead }: Played, request: SiteRequest): Response {
  if (instead !== undefined) return instead(request);
  const { pathname } = request.url;
  if (pathname === "/feed.xml") return feedOf(host, cars);
  const n = Number(/-(\d+)$/.exec(pathname)?.[1] ?? NaN);
  return n < cars ? carPage(carOf(host, n)) : new Response("not found", { status: 404 });
}

/** Starts it in the first seconds of a cycle with this target; no site stands there yet. */
export async function startFillWorld(target: number): Promise<FillWorld> {
  const sites = new Map<string, Played>();
  const asked: { host: string; at: number }[] = [];
  let now = Date.now;
  const front = playSite((request) => {
    asked.push({ host: request.url.host, at: now() });
    const site = sites.get(request.url.host);
    return site ? answerOf(site, request) : new Response("not found", { status: 404 });
  });
  front.robots = ({ url }) => {
    const robots = sites.get(url.host)?.robots;
    return new Response(robots ?? "not found", { status: robots === undefined ? 404 : 200 });
  };
  const world = await startWorld({
    site: { counts: {} },
    cron: true,
    movableClock: true,
    pausedJobs: [], // also the one that looks at feeds
    functionEnv: { SOURCE_MIRROR_URL: front.mirrorUrl },
  });
  const { sql, stack: { clock } } = world;
  if (clock === null) throw new Error("the clock of this stack cannot be moved");
  now = () => clock.now();
  let slot = (Math.floor(clock.now() / SLOT) + 1) * SLOT;

  await world.post("discover-listings", { sync_only: true });
  await sql`update listing_feeds set enabled = false`;
  await sql`update fill_policy set target = ${target}, new_sources_ceiling = 0`;
  await clock.moveTo(slot + 1_000);
  await until("the first cycle has begun", async () => {
    const rows = await sql`select from fill_cycles where slot = ${new Date(slot)}`;
    return rows.length > 0;
  });

  return {
    ...world,
    async play(played) {
      await sql`update listing_feeds set enabled = false`;
      await sql`delete from import_queue`;
      sites.clear();
      for (const site of played) {
        sites.set(site.host, site);
        await sql`select add_source_candidate(${`https://${site.host}/`})`;
        await sql`
          insert into source_hosts (host, min_interval_ms) values (${site.host}, ${
          site.minIntervalMs ?? 0
        })
          on conflict do nothing`;
        await sql`
          with known as (
            update scrape_sources set lifecycle = 'active' where ${site.host} = any (hosts) returning id, slug
          ),
          patterns as (
            insert into source_address_patterns (source_id, pattern, is_listing)
            select id, '/inventory/{coded}', true from known
            on conflict do nothing
          )
          insert into listing_feeds (source, url, kind)
          select slug, ${`https://${site.host}/feed.xml`}, 'rss' from known
          on conflict (canonical_url) do update
          set enabled = true, next_check_at = now()`;
      }
    },
    async goTo(minutes, longestMs = 60_000) {
      for (const minute of minutes) {
        await clock.moveTo(slot + minute * MINUTE);
        await untilQuiet({ sql, clock }, { longestMs });
        // As cron does every 20 seconds: the clock would leap over it.
        await sql`select private.collect_invocation_answers()`;
      }
    },
    async end() {
      await clock.moveTo(slot + SLOT + 500);
      let waited = 0;
      const [cycle] = await until("the cycle ends", async () => {
        // Cron ends it where the agent does not: two minutes later.
        if (++waited % 60 === 0) await clock.moveTo(clock.now() + 62_000);
        const rows = await sql<EndedCycle[]>`
          select vehicles_added, on_target, verdict, next_actions, metadata -> 'verdict' as metrics
          from fill_cycles where slot = ${new Date(slot)} and status <> 'running'`;
        return rows.length > 0 && rows;
      });
      if (cycle === undefined) throw new Error("no cycle");
      slot += SLOT;
      return cycle;
    },
    async type(advice, words = {}, stays = false) {
      const [, printed] = TYPED.exec(advice) ?? [];
      if (printed === undefined || printed.startsWith("supabase ")) return;
      let text = printed.replace("https://…", "https://dealer.test/").replace("= …", "= 500");
      for (const [word, value] of Object.entries(words)) text = text.replaceAll(word, value);
      const [, args, body] = /^node (.*?)(?: --body '(.*)')?$/.exec(text) ?? [];
      if (args !== undefined) {
        const ran = await node(world.stack, [
          ...args.split(" "),
          ...(body ? ["--body", body] : []),
        ]);
        // 2: it was not understood.
        if (ran.code > 1) throw new Error(`${text}: ${ran.stderr}`);
        return ran.stdout + ran.stderr;
      }
      await sql.begin(async (tx) => {
        await tx.unsafe(text);
        if (!stays && Object.keys(words).length === 0) await tx`rollback and chain`;
      });
    },
    mostInAnHour(host) {
      return asked.filter((one) => one.host === host).reduce(
        (most, { at }) =>
          Math.max(
            most,
            asked.filter((x) => x.host === host && x.at >= at && x.at < at + 60 * MINUTE).length,
          ),
        0,
      );
    },
    async close() {
      await world.close();
      await front[Symbol.asyncDispose]();
    },
  };
}
