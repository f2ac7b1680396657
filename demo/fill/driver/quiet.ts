/** Waiting until the stack has done what there is to do at this moment. */
import type { FillWorld } from "./world.ts";

/** What is looked at, and whose clock is moved. */
type Watched = Pick<FillWorld, "sql" | "clock">;

/** What is going on. */
interface Standing {
  /** Rows that workers hold, jobs of cron that run, requests to functions that have no answer yet. */
  working: number;
  /** Runs that were invoked and have not said yet what they claimed, by the id of their invocation. */
  begun: number[];
  /** Whether a step of the agent, or a listing, is due that somebody could begin now. */
  step_due: boolean;
  import_due: boolean;
  /** Listings that workers hold. */
  imports: number;
  /** Vehicles that were made since. */
  added: number;
}

async function look({ sql }: Watched, since: Date): Promise<Standing> {
  const [row] = await sql<Standing[]>`
    with newest as (
      select * from worker_invocations order by id desc limit 30
    )
    select
      (select count(*) from import_queue where lease_token is not null)::int as imports,
      (select count(*) from listing_feeds where lease_token is not null)::int
        + (select count(*) from fill_cycle_steps where lease_token is not null)::int
        + (select count(*) from micro_scrape_state where lease_token is not null)::int
        + (select count(*) from scrape_retry_queue where lease_token is not null)::int
        + (select count(*) from listing_checks where lease_token is not null)::int
        + (select count(*) from image_downloads where lease_token is not null)::int
        + (select count(*) from pipeline_runs where lease_token is not null)::int
        + (select count(*) from cron.job_run_details where status = 'running')::int
        + (select count(*) from net.http_request_queue)::int
        + (
          select count(*)
          from newest n
          where n.request_id is not null and n.answered_at is null
            and not exists (select from net._http_response r where r.id = n.request_id)
        )::int as working,
      array(
        select n.id from newest n
        where n.rows_claimed is null and n.request_id is not null and private.has_claimable(n.function_name) is not null
      )::int[] as begun,
      private.queue_is_claimable('import_queue') as import_due,
      private.fill_step_is_due() as step_due,
      (select count(*) from vehicles where created_at >= ${since})::int as added`;
  if (!row) throw new Error("the query gave no row");
  return row;
}

/** Whether whatever workers hold waits for hosts that are asked once a second or less often. */
async function waitsForItsTurn({ sql }: Watched): Promise<boolean> {
  const [row] = await sql<{ is: boolean }[]>`
    select bool_and(coalesce(h.interval_ms, 0) >= 1000) as is
    from import_queue q
    left join source_hosts h on h.host = private.url_host(q.canonical_url)
    where q.lease_token is not null`;
  return row?.is === true;
}

const LOOK_MS = 200;
/** Until the second look at what seems to be quiet. */
const LOOK_AGAIN_MS = 100;
/** So far the clock goes at a time while all wait for their turn. */
const TURN_MS = 2_000;
/** What follows from a move of the clock has begun by then. */
const FIRST_LOOK_MS = 350;
/** A run says so soon after it was invoked what it claimed; one that does not has died. */
const CLAIM_MS = 4_000;
/** Nobody comes by himself for what is due for so long: it waits for cron's watch, which is let come. */
const PATIENCE_MS = 1_500;
const WATCH_MS = 21_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Whether runs that were invoked may still be on their way to their claim. */
class OnTheirWay {
  #since = new Map<number, number>();

  any(ids: readonly number[]): boolean {
    const now = Date.now();
    for (const id of ids) if (!this.#since.has(id)) this.#since.set(id, now);
    return ids.some((id) => now - (this.#since.get(id) ?? now) < CLAIM_MS);
  }
}

interface Wait {
  /** Real milliseconds after which it goes on regardless. */
  longestMs: number;
  /** Vehicles added with which it goes on though there is more to do, when those at work are counted in. */
  enough?: number;
  /** Listings that are due may stay so: nobody is invoked for them. */
  leaveImports?: boolean;
  /** The clock was not moved before: what there is to do has begun. */
  hasBegun?: boolean;
  /** Is told how many vehicles were added since it waits. */
  onProgress?(added: number): void;
}

/**
 * Waits until nothing is worked on and nothing is due. While something is due and nobody takes it, the clock is
 * moved to the next look of cron's watch; while workers only wait for the next turn of slow hosts, to that.
 */
export async function untilQuiet(
  world: Watched,
  { longestMs, enough = Infinity, leaveImports = false, hasBegun = false, onProgress }: Wait,
): Promise<"quiet" | "enough" | "late"> {
  const begun = Date.now();
  const since = new Date(world.clock.now());
  const onTheirWay = new OnTheirWay();
  let quietLooks = 0;
  let idleSince: number | null = null;
  let before: Standing | null = null;
  if (!hasBegun) await pause(FIRST_LOOK_MS);
  for (;;) {
    const seen = await look(world, since);
    onProgress?.(seen.added);
    if (seen.added + seen.imports >= enough) return "enough";
    const isWorking = onTheirWay.any(seen.begun) || seen.working + seen.imports > 0;
    const isDue = seen.step_due || (seen.import_due && !leaveImports);
    quietLooks = isWorking || isDue ? 0 : quietLooks + 1;
    if (quietLooks >= 2) return "quiet";
    if (Date.now() - begun > longestMs) return "late";
    idleSince = isWorking || !isDue ? null : idleSince ?? Date.now();
    if (idleSince !== null && Date.now() - idleSince > PATIENCE_MS) {
      await world.clock.moveTo(world.clock.now() + WATCH_MS);
      idleSince = null;
    }
    const isStill = seen.working === 0 && seen.imports > 0 && seen.imports === before?.imports;
    if (isStill && await waitsForItsTurn(world)) {
      await world.clock.moveTo(world.clock.now() + TURN_MS);
    }
    before = seen;
    await pause(quietLooks > 0 ? LOOK_AGAIN_MS : LOOK_MS);
  }
}
