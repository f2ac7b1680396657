/** The statements of the specification of the Bring a Trailer repair. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { type Check, run } from "./spec_queries_check.ts";
import { columnsOf, id } from "./spec_queries_seed.ts";

const WORKER = "process-bat-extraction-queue";

const listing = (name: string) => `https://bringatrailer.com/listing/${name}/`;

/** Nothing waits: all that was queued when the vehicles came is worked off and forgotten. */
const emptyQueue = (tx: postgres.TransactionSql) => tx`delete from bat_extraction_queue`;

/** Vehicles of the site that know nothing. */
async function addUnknown(tx: postgres.TransactionSql, count: number): Promise<void> {
  await tx`
    insert into vehicles (discovery_url, created_at)
    select 'https://bringatrailer.com/listing/unknown-' || n || '/', now() - interval '1 year'
    from generate_series(1, ${count}::int) n`;
}

const invocations = async (tx: postgres.TransactionSql) =>
  (await tx`select from worker_invocations where function_name = ${WORKER}`).length;

export const batChecks: Check[] = [
  {
    words: "FROM queue_bat_backfill_vehicles(50, 75)",
    title: "vehicles to read again, why and where: the worst first, at most as many as asked for",
    async check(tx, statement) {
      await emptyQueue(tx);
      const rows = await run(tx, statement);
      assert.deepEqual(Object.keys(rows[0] ?? {}), ["vehicle_id", "reason", "bat_url"]);
      const reasons = Object.fromEntries(rows.map((row) => [row.vehicle_id, row.reason]));
      assert.deepEqual(reasons, {
        [id("complete")]: "unproven_sale",
        [id("missing_vin")]: "unproven_sale",
        [id("missing_images")]: "unproven_sale",
        [id("without_urls")]: "unproven_sale",
        [id("missing_price")]: "missing_outcome",
      });
      assert.equal(rows.at(-1)?.reason, "missing_outcome");
      assert.equal(
        rows.find((row) => row.vehicle_id === id("complete"))?.bat_url,
        listing("complete"),
      );
      assert.equal((await tx`select from bat_extraction_queue`).length, 0, "it only looks");

      await addUnknown(tx, 60);
      await emptyQueue(tx);
      const many = await run(tx, statement);
      assert.equal(many.length, 50);
      assert.deepEqual(many.slice(0, 4).map((row) => row.reason), Array(4).fill("unproven_sale"));
    },
  },
  {
    words: "FROM auto_queue_bat_backfills(20, 75)",
    title: "queues twenty, and says how many stood there already",
    async check(tx, statement) {
      await addUnknown(tx, 30);
      await emptyQueue(tx);
      await tx`delete from worker_invocations`;
      assert.deepEqual([...await run(tx, statement)], [{ queued_count: 20, skipped_count: 0 }]);
      assert.equal(await invocations(tx), 1, "and invokes the worker");
      const [queued] = await tx`
        select count(*)::int as rows, min(priority) as least, max(priority) as most,
          bool_and(status = 'pending') as waiting from bat_extraction_queue`;
      assert.deepEqual({ ...queued }, { rows: 20, least: 75, most: 75, waiting: true });
      assert.deepEqual([...await run(tx, statement)], [{ queued_count: 15, skipped_count: 20 }]);
      assert.deepEqual([...await run(tx, statement)], [{ queued_count: 0, skipped_count: 35 }]);
    },
  },
  {
    words: "ORDER BY beq.created_at ASC",
    title: "the 50 oldest repairs that wait, with their vehicles",
    async check(tx, statement) {
      await addUnknown(tx, 60);
      await emptyQueue(tx);
      await tx`
        insert into bat_extraction_queue (vehicle_id, bat_url, priority, created_at)
        select id, discovery_url, 75, now() - n * interval '1 minute'
        from (select *, row_number() over () as n from vehicles where discovery_url like '%/unknown-%') v`;
      await tx`
        insert into bat_extraction_queue (vehicle_id, bat_url, priority, status, created_at, processed_at)
        values (${id("complete")}, 'u', 75, 'complete', '2020-01-01', now()),
          (${id("missing_vin")}, 'u', 100, 'pending', '2020-01-01', null)`;
      const rows = await run(tx, statement);
      assert.equal(rows.length, 50);
      const times = rows.map((row) => row.created_at.getTime());
      assert.deepEqual(times, times.toSorted((a, b) => a - b));
      assert.ok(rows.every((row) => row.status === "pending" && row.priority === 75));
      const columns = [
        ...Object.keys(await columnsOf(tx, "public.bat_extraction_queue")),
        ...["year", "make", "model", "bat_auction_url"],
      ];
      assert.deepEqual(Object.keys(rows[0] ?? {}), columns);
      assert.equal(rows[0]?.bat_auction_url, rows[0]?.bat_url);
    },
  },
  {
    words: "COUNT(*) FILTER (WHERE status = 'processing') as processing",
    title: "today's repairs by status",
    async check(tx, statement) {
      await addUnknown(tx, 12);
      await emptyQueue(tx);
      await tx`
        insert into bat_extraction_queue (
          vehicle_id, bat_url, priority, status, created_at, processed_at, lease_token, lease_expires_at)
        select v.id, v.discovery_url, x.priority, x.status, x.day,
          case when x.status in ('complete', 'failed') then now() end,
          case when x.status = 'processing' then gen_random_uuid() end,
          case when x.status = 'processing' then now() end
        from (
          values (1, 75, 'pending', current_date), (2, 75, 'pending', current_date),
            (3, 75, 'pending', current_date), (4, 75, 'processing', current_date),
            (5, 75, 'complete', current_date), (6, 75, 'complete', current_date),
            (7, 75, 'failed', current_date), (8, 100, 'pending', current_date),
            (9, 75, 'complete', current_date - 1)
        ) as x (place, priority, status, day)
        join (
          select id, discovery_url, row_number() over (order by id) as place from vehicles
          where discovery_url like '%/unknown-%'
        ) v using (place)`;
      assert.deepEqual([...await run(tx, statement)], [
        { pending: "3", processing: "1", complete: "2", failed: "1" },
      ]);
    },
  },
  {
    words: "ON CONFLICT (vehicle_id) DO UPDATE SET",
    title: "queues a vehicle by hand, whatever stands there, and invokes the worker",
    async check(tx, statement) {
      const vehicle = id("missing_price");
      const written = statement
        .replace("vehicle-uuid-here", vehicle)
        .replace("https://bringatrailer.com/listing/...", listing("missing_price"));
      const queueByHand = async () => {
        await tx`delete from worker_invocations`;
        await tx.unsafe(written);
        assert.equal(await invocations(tx), 1, "the worker is invoked");
        const rows = await tx`
          select status, priority, attempts, next_attempt_at, lease_token, blocked_days
          from bat_extraction_queue where vehicle_id = ${vehicle}`;
        assert.equal(rows.length, 1, "one row a vehicle");
        return { ...rows[0] };
      };
      const anew = (priority: number) => ({
        status: "pending",
        priority,
        attempts: 0,
        next_attempt_at: null,
        lease_token: null,
        blocked_days: 0,
      });

      await emptyQueue(tx);
      assert.deepEqual(await queueByHand(), anew(75), "a new row");
      await tx`update bat_extraction_queue set priority = 100, next_attempt_at = now() + interval '1 h'`;
      assert.deepEqual(await queueByHand(), anew(100), "one that waits, and goes before others");
      await tx`
        update bat_extraction_queue
        set status = 'failed', priority = 10, attempts = 3, blocked_days = 3, outcome_code = 'timeout',
          processed_at = now()`;
      assert.deepEqual(await queueByHand(), anew(75), "one that failed: fresh attempts");
      await tx`update bat_extraction_queue set status = 'complete', processed_at = now()`;
      assert.deepEqual(await queueByHand(), anew(75), "one that is done");

      const [claim] = await tx`select claim_queue(${"bat_extraction_queue"}, 5) as rows`;
      const [late] = claim?.rows ?? [];
      assert.equal(late?.vehicle_id, vehicle);
      assert.deepEqual(await queueByHand(), anew(75), "one that a worker has leased");
      const [settled] = await tx`
        select settle_queue('bat_extraction_queue', ${
        tx.json([{ id: late.id, lease_token: late.lease_token, outcome: "gone" }])
      }) as rows`;
      assert.equal(settled?.rows[0].status, null, "that worker changes nothing any more");
      const [again] = await tx`select claim_queue('bat_extraction_queue', 5) as rows`;
      assert.equal(again?.rows.length, 1, "and the next one reads it");
    },
  },
];
