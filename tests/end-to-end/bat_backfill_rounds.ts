/** The repair of Bring a Trailer vehicles, round by round, with the clock moved by hand. */
import type postgres from "postgres";
import type { World } from "../support/world.ts";

/** The host of the auctions. */
export const HOST = "bringatrailer.com";
const NAME = "process-bat-extraction-queue";

/** Addresses of auctions of the demo site that ended so, and of whose cars everything is known. */
export function auctions({ site }: World, end: string, count: number): string[] {
  return Array.from({ length: 80 }, (_, index) => site.catalogue.at(HOST, index))
    .filter((one) => one?.auction?.end === end && one.car.vin !== null)
    .map((one) => one?.url ?? "")
    .slice(0, count);
}

/** What a round came to. */
interface Round {
  queued: number;
  processed: number;
}

export class RepairRounds {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** A vehicle as earlier code left it: nothing stands in the queue for it. Gives its id. */
  async leftBehind(url: string, facts: Record<string, string | number>): Promise<string> {
    const { sql } = this.#world;
    const [row] = await sql<{ id: string }[]>`
      insert into vehicles ${sql({ discovery_url: url, ...facts })} returning id`;
    if (row === undefined) throw new Error(`no vehicle was made of ${url}`);
    await sql`delete from bat_extraction_queue where vehicle_id = ${row.id}`;
    return row.id;
  }

  /** Queues the next 20, as the orchestrator does. */
  async autoQueue(): Promise<postgres.Row | undefined> {
    const [row] = await this.#world.sql`select * from auto_queue_bat_backfills(20, 75)`;
    return row;
  }

  /** Time goes by: every time that the queue, its pages and its hosts look at lies longer ago. */
  async pass(interval: string): Promise<void> {
    await this.#world.sql.unsafe(`
      update bat_extraction_queue
      set requeue_at = requeue_at - interval '${interval}',
          processed_at = processed_at - interval '${interval}',
          next_attempt_at = next_attempt_at - interval '${interval}';
      update page_snapshots
      set fetched_at = fetched_at - interval '${interval}',
          last_seen_at = last_seen_at - interval '${interval}';
      update auction_events
      set ends_at = ends_at - interval '${interval}', page_at = page_at - interval '${interval}';
      update source_hosts
      set retry_at = retry_at - interval '${interval}', opened_at = opened_at - interval '${interval}'
      where breaker <> 'closed'`);
  }

  /** A round of the orchestrator: queues, works off all that is due, and ten minutes pass. */
  async round(): Promise<Round> {
    const queued = Number((await this.autoQueue())?.queued_count);
    let processed = 0;
    for (let more = true; more;) {
      const { status, body } = await this.#world.post(NAME, { batchSize: 10, maxAttempts: 3 });
      if (status !== 200) throw new Error(`${NAME} answered ${status}: ${JSON.stringify(body)}`);
      processed += body.processed;
      more = body.more_due && body.processed > 0;
    }
    await this.pass("10 minutes");
    return { queued, processed };
  }
}
