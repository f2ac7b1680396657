/**
 * The queues under attack. A killed worker and a killed Postgres are in kill_test.ts and bat_queue_kill_test.ts;
 * here: cut connections, a moved clock, a poisoned row, an idle transaction. `bench --only chaos` does most at once.
 */
import assert from "node:assert/strict";
import pg from "pg";
import { insertListings, startWorld, type World } from "../support/world.ts";
import { until } from "../support/until.ts";

const HOST = "bringatrailer.com";
/** Vehicles of each attack, and as many listings that wait to be imported. */
const SOME = 6;
const WORKERS = [
  "process-import-queue",
  "process-backfill-queue",
  "process-bat-extraction-queue",
  "micro-scrape-bandaid",
];
/** Every row that is open, of the queues that these workers work off. */
const OPEN = `
  select 'import_queue' as queue, listing_url as what, status, lease_token, error_message as error from import_queue
  where status in ('pending', 'processing')
  union all select 'backfill_queue', vehicle_id::text, status, lease_token, error_message from backfill_queue
  where status in ('pending', 'processing')
  union all select 'bat_extraction_queue', vehicle_id::text, status, lease_token, error_message from bat_extraction_queue
  where status in ('pending', 'processing')
  union all select 'micro_scrape_state', vehicle_id::text, state, lease_token, last_error from micro_scrape_state
  where state in ('due', 'leased') or (state = 'waiting' and coalesce(last_outcome, '') not in ('ok', 'not_modified'))`;

interface Attacked {
  world: World;
  /** Of vehicles that stand in backfill_queue, bat_extraction_queue and micro_scrape_state. */
  ids: string[];
  /** Of all listings of this attack. */
  urls: string[];
}

interface OpenRow {
  queue: string;
  what: string;
  status: string;
  lease_token: string | null;
  error: string | null;
}

const openRows = ({ sql }: World) => sql.unsafe<OpenRow[]>(OPEN);

/** Calls every worker once, at the same time; gives the statuses, 0 where no JSON came back. */
const work = ({ post }: World): Promise<number[]> =>
  Promise.all(
    WORKERS.map((name) =>
      post(name, { max_runtime_ms: 20_000 }).then(({ status }) => status, () => 0)
    ),
  );

/** What waits after a failure is due now. */
async function passTime({ sql }: World): Promise<void> {
  for (const queue of ["import_queue", "backfill_queue", "bat_extraction_queue"]) {
    await sql`
      update ${sql(queue)} set next_attempt_at = now()
      where status = 'pending' and next_attempt_at > now()`;
  }
  await sql`
    update micro_scrape_state set due_at = now() where state = 'waiting' and coalesce(last_outcome, '') not in ('ok', 'not_modified')`;
}

/** Works until no row is open but those that are expected to stay so. */
async function workOff(world: World, except: readonly string[] = []): Promise<void> {
  let open: OpenRow[] = [];
  await until("all rows are done", async () => {
    await passTime(world);
    await work(world);
    open = (await openRows(world)).filter((row) => !except.includes(row.what));
    return open.length === 0;
  }, 90).catch((cause) => {
    throw new Error(`rows are left open: ${JSON.stringify(open)}`, { cause });
  });
}

/** Every listing of an attack is one vehicle, right as its page states, with each bid once, and no lease is left. */
async function assertDoneOnce({ world: { sql, site }, urls }: Attacked): Promise<void> {
  const vehicles = await sql`
    select v.discovery_url as url, v.make, v.vin, e.bid_count as stated,
      (select count(*)::int from auction_events x where x.vehicle_id = v.id) as auctions,
      (select count(*)::int from auction_bids b where b.auction_event_id = e.id) as bids
    from vehicles v left join auction_events e on e.vehicle_id = v.id
    where v.discovery_url = any (${urls})`;
  assert.deepEqual(vehicles.map((it) => it.url).sort(), [...urls].sort());
  for (const { url, make, vin, auctions, bids, stated } of vehicles) {
    const truth = site.truth(url);
    assert.deepEqual(
      { make, vin, auctions, bids, stated },
      {
        make: truth?.facts.make,
        vin: truth?.facts.vin ?? null,
        auctions: 1,
        bids: truth?.auction?.bidCount,
        stated: truth?.auction?.bidCount,
      },
      url,
    );
  }
  const [twice] = await sql`
    select
      (select count(*)::int from (
        select from extraction_metadata where validation_status = 'accepted'
        group by vehicle_id, field_name having count(*) > 1) d) as facts,
      (select count(*)::int from micro_scrape_state m join vehicles v on v.id = m.vehicle_id
        where m.lease_token is not null and v.discovery_url = any (${urls})) as leases`;
  assert.deepEqual({ ...twice }, { facts: 0, leases: 0 });
}

Deno.test("queues under attack", async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 10 * SOME } } });
  const { site, sql } = world;
  let used = 0;
  /** Some vehicles in three queues and some listings in the fourth, all of them at a slow site. */
  const stage = async (ms: number): Promise<Attacked> => {
    const urls = Array.from(
      { length: 2 * SOME },
      (_, i) => site.catalogue.at(HOST, used + i)?.url ?? "",
    );
    used += urls.length;
    for (const url of urls) site.setFault(url, { kind: "slow", ms });
    const ids = await insertListings(sql, urls.slice(SOME));
    await sql`insert into backfill_queue (vehicle_id, reason) select unnest(${ids}::uuid[]), 'r'`;
    const items = urls.slice(0, SOME).map((url) => ({ url, source: "bringatrailer" }));
    await sql`select enqueue_listings(${sql.json(items)}, 'a feed')`;
    return { world, ids, urls };
  };
  const admin = new pg.Client({ connectionString: world.stack.adminDbUrl });
  await admin.connect();
  try {
    await t.step("every connection cut, again and again: all is done, once", async () => {
      const attacked = await stage(300);
      let cut = 0;
      // A run that loses its connection may end at once: where runs are quick, it takes several.
      for (let call = 0; call < 20 && cut <= 5; call++) {
        const running = work(world);
        let ended = false;
        running.then(() => ended = true);
        while (!ended && cut < 60) {
          const { rowCount } = await admin.query(`
            select pg_terminate_backend(pid) from pg_stat_activity
            where backend_type = 'client backend' and pid <> pg_backend_pid()`);
          cut += rowCount ?? 0;
          await new Promise((resolve) => setTimeout(resolve, 150));
        }
        await running;
      }
      assert.ok(cut > 5, `${cut} connections were cut`);
      // What a run could not settle stays leased until its time is up.
      await admin.query(`
        update micro_scrape_state set lease_expires_at = now() where lease_token is not null;
        update import_queue set lease_expires_at = now() where lease_token is not null;
        update backfill_queue set lease_expires_at = now() where lease_token is not null;
        update bat_extraction_queue set lease_expires_at = now() where lease_token is not null`);
      await workOff(world);
      await assertDoneOnce(attacked);
    });

    for (const [moved, shift] of [["on", "- interval '1 hour'"], ["back", "+ interval '1 hour'"]]) {
      await t.step(
        `the clock moved ${moved} by an hour under a lease: all is done, once`,
        async () => {
          const attacked = await stage(700);
          const first = work(world);
          await until(
            "rows are leased",
            async () => (await openRows(world)).some((row) => row.lease_token !== null),
          );
          for (
            const table of [
              "import_queue",
              "backfill_queue",
              "bat_extraction_queue",
              "micro_scrape_state",
            ]
          ) {
            await sql.unsafe(`
            update ${table} set lease_expires_at = lease_expires_at ${shift} where lease_token is not null`);
          }
          const second = work(world);
          assert.deepEqual([...await first, ...await second].filter((status) => status >= 500), []);
          await workOff(world);
          await assertDoneOnce(attacked);
        },
      );
    }

    await t.step("a poisoned row fails by itself, says why, and holds up no other", async () => {
      const attacked = await stage(0);
      const [poisoned = ""] = attacked.ids;
      await sql.unsafe(`
        create function public.poison() returns trigger language plpgsql as $$
        begin raise exception 'poisoned'; end $$;
        create trigger poison before update of field_state on public.vehicles
          for each row when (old.id = '${poisoned}') execute function public.poison()`);
      // Before all others, in every queue that knows an order.
      await sql`update backfill_queue set priority = 1 where vehicle_id = ${poisoned}`;
      await sql`update bat_extraction_queue set priority = 1000 where vehicle_id = ${poisoned}`;
      await workOff(world, [poisoned]);
      const dead = await until("the poisoned rows are given up", async () => {
        await passTime(world);
        await work(world);
        const rows = await sql<{ queue: string; error: string }[]>`
          select queue, error from dead_letters where vehicle_id = ${poisoned} order by queue`;
        return rows.length === 2 && rows;
      }, 90);
      assert.deepEqual(dead.map((it) => it.queue), ["backfill_queue", "bat_extraction_queue"]);
      for (const { queue, error } of dead) assert.match(error, /poisoned/, queue);
      await sql.unsafe("drop function public.poison() cascade");
      await sql`select redrive_dead_letters()`;
      await sql`select reopen_micro_scrape(array[${poisoned}]::uuid[])`;
      await workOff(world);
      await assertDoneOnce(attacked);
    });

    await t.step("an idle transaction holds up what it has locked, and nothing else", async () => {
      const attacked = await stage(0);
      const [held = ""] = attacked.ids;
      const idle = new pg.Client({ connectionString: world.stack.dbUrl });
      await idle.connect();
      try {
        await idle.query("begin isolation level repeatable read");
        await idle.query("select from vehicles where id = $1 for update", [held]);
        await idle.query("select from backfill_queue where vehicle_id = $1 for update", [held]);
        await workOff(world, [held]);
        const others = attacked.urls.filter((url) => url !== attacked.urls[SOME]);
        await assertDoneOnce({ ...attacked, urls: others });
        await idle.query("rollback");
      } finally {
        await idle.end();
      }
      await sql`select redrive_dead_letters()`;
      await sql`select reopen_micro_scrape(array[${held}]::uuid[])`;
      await workOff(world);
      await assertDoneOnce(attacked);
    });
  } finally {
    await admin.end();
    await world.close();
  }
});
