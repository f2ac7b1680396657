import type { Plan } from "../fixtures/plan.ts";
import { forget } from "./forget.ts";
import type { World } from "./world.ts";

/** The site whose scraper gets better, and what the older one did not read. */
const HOST = "cars.ksl.com";
const FIELD = "vin";
/** Vehicles of which the older scraper read it all the same. */
const READ_BEFORE = 13;
const LONGEST_MS = 30_000;

/** A version of a scraper that was registered, and what came of it. */
export interface Improvement {
  scraper: string;
  version: string;
  /** Vehicles of the site, those of them that lacked the field, and those whose pages state it. */
  vehicles: number;
  lacking: number;
  stated: number;
  /** Vehicles that the registration queued; those that were read again; those in which something changed. */
  queued: number;
  processed: number;
  healed: number;
  /** Requests to the site meanwhile. */
  requests: number;
  seconds: number;
}

interface VersionStatus {
  queued: number;
  left: number;
  processed: number;
  healed: number;
}

/**
 * Lets the vehicles of KSL be as a scraper that does not know the VIN left them, registers the one that is
 * deployed, by the command that an operator types, and waits until the queue is empty.
 * @param say is given the command and what it prints
 * @throws when the command fails, or vehicles are left after half a minute
 */
export async function improveScraper(
  { sql, site, stack }: World,
  plans: readonly Plan[],
  ids: readonly string[],
  say: (line: string) => void,
): Promise<Improvement> {
  const own = plans.map((plan, i) => ({ plan, id: ids[i] ?? "" }))
    .filter(({ plan }) => plan.listing.host === HOST);
  const stating = own.filter(({ plan }) => plan.truth.facts[FIELD] !== undefined);
  const older = stating.slice(READ_BEFORE);
  const lackingIds = older.map(({ id }) => id);
  await forget(sql, lackingIds, FIELD);
  // They are due by what they lack, and cron would fetch their pages before the version is there.
  await sql`
    update micro_scrape_state set state = 'waiting', due_at = now() + interval '10 minutes'
    where vehicle_id = any (${lackingIds}) and state = 'due'`;
  const [source] = await sql<{ scraper: string; version: string }[]>`
    select scraper_name as scraper, scraper_version as version
    from scrape_sources where ${HOST} = any (hosts)`;
  if (source === undefined) throw new Error(`no source has the host ${HOST}`);

  const asked = () => site.requests.filter(({ host }) => host === HOST).length;
  const before = asked();
  const begun = Date.now();
  const command =
    `scripts/deploy-scraper-version.js ${source.scraper} ${source.version} --fields=${FIELD} --priority=1`;
  say(`$ node ${command}`);
  const { code, stdout, stderr } = await new Deno.Command("node", {
    args: command.split(" "),
    cwd: new URL("../../", import.meta.url),
    env: { SUPABASE_URL: stack.url, SERVICE_KEY: stack.keys.secret },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`node ${command}: ${decoder.decode(stderr).trim()}`);
  for (const line of decoder.decode(stdout).trim().split("\n")) {
    if (line.startsWith("✅")) say(line);
  }
  for (;;) {
    const [status] = await sql<VersionStatus[]>`
      select
        queued_count::int as queued,
        (pending + processing)::int as left,
        completed::int as processed,
        backfilled_count::int as healed
      from scraper_version_status where scraper_name = ${source.scraper}`;
    if (status !== undefined && status.left === 0) {
      const { left: _, ...done } = status;
      return {
        ...source,
        ...done,
        vehicles: own.length,
        lacking: older.length + own.length - stating.length,
        stated: older.length,
        requests: asked() - before,
        seconds: (Date.now() - begun) / 1000,
      };
    }
    if (Date.now() - begun > LONGEST_MS) {
      throw new Error(`${status?.left} vehicles of ${source.scraper} are still in the queue`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
