import assert from "node:assert/strict";
import { changedTables, everything, insertListings, startWorld } from "../support/world.ts";

const HOST = "bringatrailer.com";
const CLASSIFIED = "classics.example";
const NAME = "process-bat-extraction-queue";

Deno.test(NAME, async (t) => {
  const world = await startWorld({
    site: { counts: { [HOST]: 110, [CLASSIFIED]: 1 } },
  });
  const { site, sql, post } = world;
  const urls = Array.from(
    { length: 110 },
    (_, i) => site.catalogue.at(HOST, i)?.url ?? "",
  );
  const status = (ids: string[]) =>
    sql`
      select status, attempts, max_attempts, outcome_code, error_message, priority, lease_token
      from bat_extraction_queue where vehicle_id = any (${ids}) order by array_position(${ids}, vehicle_id)`;
  const forget = () =>
    sql`update page_snapshots set (fetched_at, last_seen_at) = (now() - interval '1 day', now() - interval '1 day')`;
  try {
    const ids = await insertListings(sql, urls.slice(0, 6));

    await t.step(
      "a new listing stands in the queue by itself, with priority 100",
      async () => {
        const rows = await sql`select status, priority, reason, bat_url from bat_extraction_queue`;
        assert.equal(rows.length, 6);
        for (const row of rows) {
          assert.deepEqual([row.status, row.priority, row.reason], [
            "pending",
            100,
            "new",
          ]);
        }
        assert.deepEqual(
          new Set(rows.map((row) => row.bat_url)),
          new Set(urls.slice(0, 6)),
        );
      },
    );

    await t.step(
      "a dry run shows what would change and writes nothing",
      async () => {
        const before = await everything(sql);
        const { status, body } = await post(NAME, {
          dry_run: true,
          batchSize: 3,
        });
        assert.equal(status, 200, JSON.stringify(body));
        assert.deepEqual([
          body.processed,
          body.changed,
          body.completed,
          body.more_due,
        ], [
          3,
          3,
          0,
          null,
        ]);
        for (const one of body.results) {
          const truth = site.truth(one.bat_url);
          assert.equal(one.status, null);
          assert.equal(one.changes.make.new, truth?.facts.make);
          assert.equal(one.auction.outcome, truth?.auction?.outcome);
          assert.equal(one.bids, truth?.auction?.bidCount);
        }
        assert.deepEqual(await changedTables(sql, before), [
          "private.host_metrics",
          "public.scraping_health",
          "public.source_hosts",
        ]);
      },
    );

    await t.step("rows are read once, applied whole and settled", async () => {
      site.clearLog();
      const { status: code, body } = await post(NAME, {});
      assert.equal(code, 200, JSON.stringify(body));
      assert.deepEqual(
        [
          body.processed,
          body.completed,
          body.failed,
          body.waiting,
          body.changed,
          body.more_due,
        ],
        [6, 6, 0, 0, 6, false],
      );
      for (const row of await status(ids)) {
        assert.deepEqual([row.status, row.outcome_code, row.lease_token], [
          "complete",
          "ok",
          null,
        ]);
      }
      for (const one of body.results) {
        const truth = site.truth(one.bat_url)?.auction;
        assert.equal(site.count(one.bat_url), 1);
        assert.deepEqual([
          one.outcome,
          one.status,
          one.from,
          one.error,
          one.step_errors,
        ], [
          "ok",
          "complete",
          "site",
          null,
          {},
        ]);
        assert.equal(one.auction.sale_price, truth?.salePrice);
        assert.equal(one.auction.high_bid, truth?.highBid);
        const [held] = await sql`
          select e.outcome, e.sale_price::float, e.bid_count, e.comment_count,
            (select count(*)::int from auction_bids b where b.auction_event_id = e.id) as bids,
            (select count(*)::int from auction_comments c where c.auction_event_id = e.id) as comments
          from auction_events e where e.vehicle_id = ${one.vehicle_id}`;
        assert.deepEqual({ ...held }, {
          outcome: truth?.outcome,
          sale_price: truth?.salePrice,
          bid_count: truth?.bidCount,
          comment_count: truth?.commentCount,
          bids: truth?.bidCount,
          comments: truth?.commentCount,
        });
      }
    });

    await t.step(
      "what somebody has just read is not fetched again",
      async () => {
        site.clearLog();
        await sql`
        insert into bat_extraction_queue (vehicle_id, bat_url, priority, status)
        select id, bat_auction_url, 75, 'pending' from vehicles where id = ${ids[0] ?? ""}
        on conflict (vehicle_id) do update
        set status = 'pending', priority = greatest(bat_extraction_queue.priority, 75)`;
        const { body } = await post(NAME, {});
        assert.deepEqual(
          [body.processed, body.completed, body.from_snapshots],
          [1, 1, 1],
        );
        assert.equal(site.requests.length, 0);
      },
    );

    await t.step(
      "priority 100 goes before 75, and of equals the older",
      async () => {
        const mine = await insertListings(sql, urls.slice(6, 10));
        await sql`
        update bat_extraction_queue
        set priority = (array[75, 100, 75, 100])[array_position(${mine}, vehicle_id)],
            created_at = now() - interval '1 minute' * (array[4, 1, 3, 2])[array_position(${mine}, vehicle_id)]
        where vehicle_id = any (${mine})`;
        const order: string[] = [];
        for (let n = 0; n < 4; n++) {
          const { body } = await post(NAME, { batchSize: 1 });
          assert.equal(body.more_due, n < 3);
          order.push(
            ...body.results.map((one: { vehicle_id: string }) => one.vehicle_id),
          );
        }
        assert.deepEqual(order, [mine[3], mine[1], mine[0], mine[2]]);
      },
    );

    await t.step(
      "maxAttempts takes what was tried fewer times, and is its limit",
      async () => {
        const mine = await insertListings(sql, urls.slice(10, 12));
        const url = urls[10] ?? "";
        site.setFault(url, { kind: "server_error" });
        await sql`update bat_extraction_queue set attempts = 2 where vehicle_id = ${mine[1] ?? ""}`;
        const first = await post(NAME, { maxAttempts: 2 });
        assert.deepEqual(
          first.body.results.map((one: { vehicle_id: string }) => one.vehicle_id),
          [mine[0]],
        );
        assert.deepEqual([first.body.waiting, first.body.failed], [1, 0]);
        await sql`update bat_extraction_queue set next_attempt_at = null`;
        const second = await post(NAME, { maxAttempts: 2 });
        assert.deepEqual([second.body.processed, second.body.failed], [1, 1]);
        const [spent, untouched] = await status(mine);
        assert.deepEqual(
          [
            spent?.status,
            spent?.attempts,
            spent?.max_attempts,
            spent?.outcome_code,
          ],
          ["failed", 2, 2, "server_error"],
        );
        assert.deepEqual([untouched?.status, untouched?.attempts], [
          "pending",
          2,
        ]);
        const third = await post(NAME, { max_attempts: 3 });
        assert.deepEqual([third.body.processed, third.body.completed], [1, 1]);
        site.clearFaults();
      },
    );

    await t.step(
      "a removed listing, a wall, another site's address: each in its state",
      async () => {
        const mine = await insertListings(sql, urls.slice(12, 15));
        site.setFault(urls[12] ?? "", { kind: "gone", status: 404 });
        site.setFault(urls[13] ?? "", {
          kind: "bot_wall",
          vendor: "cloudflare",
        });
        await sql`update bat_extraction_queue set bat_url = 'https://example.com/listing/x'
        where vehicle_id = ${mine[2] ?? ""}`;
        const { body } = await post(NAME, {});
        assert.deepEqual([
          body.processed,
          body.completed,
          body.failed,
          body.waiting,
        ], [3, 0, 2, 1]);
        const [gone, wall, other] = await status(mine);
        assert.deepEqual([gone?.status, gone?.outcome_code], [
          "failed",
          "gone",
        ]);
        assert.deepEqual([wall?.status, wall?.outcome_code, wall?.attempts], [
          "pending",
          "blocked",
          0,
        ]);
        assert.deepEqual([other?.status, other?.outcome_code], [
          "failed",
          "invalid",
        ]);
        assert.match(
          other?.error_message,
          /bat_url: not a listing on bringatrailer\.com/,
        );
        site.clearFaults();
      },
    );

    await t.step(
      "vehicles by name are read whatever became of their row",
      async () => {
        await forget();
        await sql`update bat_extraction_queue set status = 'failed' where vehicle_id = ${
          ids[1] ?? ""
        }`;
        await sql`delete from bat_extraction_queue where vehicle_id = ${ids[2] ?? ""}`;
        const { body } = await post(NAME, { vehicle_ids: ids.slice(0, 3) });
        assert.deepEqual([body.processed, body.completed, body.more_due], [
          3,
          3,
          null,
        ]);
        assert.deepEqual(
          (await status(ids.slice(0, 3))).map((row) => row.status),
          [
            "complete",
            "complete",
            "complete",
          ],
        );
      },
    );

    await t.step("a dry run of a vehicle by name needs no row", async () => {
      await sql`delete from bat_extraction_queue where vehicle_id = ${ids[2] ?? ""}`;
      const { body } = await post(NAME, {
        vehicle_ids: [ids[2]],
        dry_run: true,
      });
      assert.deepEqual([body.processed, body.results[0].vehicle_id], [
        1,
        ids[2],
      ]);
      assert.equal((await status([ids[2] ?? ""])).length, 0);
    });

    await t.step(
      "a vehicle by name that another worker has leased is left to it",
      async () => {
        const id = ids[3] ?? "";
        await sql`
        update bat_extraction_queue set status = 'processing', lease_token = gen_random_uuid(),
          lease_expires_at = now() + interval '30 seconds' where vehicle_id = ${id}`;
        const { body } = await post(NAME, { vehicle_ids: [id] });
        assert.equal(body.processed, 0);
        assert.deepEqual(body.released, [
          {
            id: null,
            vehicle_id: id,
            reason: "leased",
            message: "another worker reads it",
          },
        ]);
        await sql`update bat_extraction_queue set status = 'complete', lease_token = null,
        lease_expires_at = null where vehicle_id = ${id}`;
      },
    );

    await t.step(
      "what micro-scrape reads now is not taken, and no worker is invoked",
      async () => {
        const id = ids[4] ?? "";
        await sql`
        update micro_scrape_state set state = 'leased', lease_token = gen_random_uuid(),
          lease_expires_at = now() + interval '30 seconds' where vehicle_id = ${id}`;
        await sql`update bat_extraction_queue set status = 'pending' where vehicle_id = ${id}`;
        await sql`update worker_invocations set invoked_at = invoked_at - interval '1 minute'`;
        const invocations = () => sql`select count(*)::int as count from worker_invocations`;
        const [before] = await invocations();
        const { body } = await post(NAME, {});
        assert.deepEqual([body.processed, body.more_due], [0, false]);
        assert.deepEqual((await invocations())[0], before);
        await sql`update micro_scrape_state set state = 'waiting', lease_token = null,
        lease_expires_at = null where vehicle_id = ${id}`;
        const free = await post(NAME, {});
        assert.deepEqual([free.body.processed, free.body.completed], [1, 1]);
      },
    );

    await t.step(
      "every mistake in a body is named, and nothing happens",
      async () => {
        const [classified = ""] = await insertListings(sql, [
          site.catalogue.at(CLASSIFIED, 0)?.url ?? "",
        ]);
        const nobody = "00000000-0000-4000-8000-000000000000";
        const bad: [Record<string, unknown>, string[]][] = [
          [{ batchSize: 10, batch_size: 20 }, ["batchSize"]],
          [{ maxAttempts: 1, max_attempts: 2 }, ["maxAttempts"]],
          [{ batchSize: 0 }, ["batchSize"]],
          [{ batch_size: 101 }, ["batch_size"]],
          [{ maxAttempts: 0 }, ["maxAttempts"]],
          [{ max_runtime_ms: 10 }, ["max_runtime_ms"]],
          [{ dry_run: "yes" }, ["dry_run"]],
          [{ batchsize: 10 }, [""]],
          [{ vehicle_ids: [] }, ["vehicle_ids"]],
          [{ vehicle_ids: ["x"] }, ["vehicle_ids.0"]],
          [{ vehicle_ids: [ids[0], nobody, classified] }, [
            "vehicle_ids.1",
            "vehicle_ids.2",
          ]],
          [{ batchSize: 0, dry_run: 1 }, ["batchSize", "dry_run"]],
        ];
        const before = await everything(sql);
        for (const [body, paths] of bad) {
          const answer = await post(NAME, body);
          assert.equal(answer.status, 400, JSON.stringify(body));
          const named = answer.body.mistakes.map((one: { path: string }) => one.path);
          assert.deepEqual(named, paths, JSON.stringify(answer.body));
        }
        assert.deepEqual(await everything(sql), before);
        const both = await post(NAME, {
          batchSize: 5,
          batch_size: 5,
          dry_run: true,
        });
        assert.equal(
          both.status,
          200,
          "the same said twice is no contradiction",
        );
      },
    );

    await t.step(
      "a run stops before its time is up and hands back the rest",
      async () => {
        const mine = urls.slice(15, 35);
        for (const url of mine) site.setFault(url, { kind: "slow", ms: 1500 });
        const late = await insertListings(sql, mine);
        const { body } = await post(NAME, { max_runtime_ms: 6000 });
        assert.ok(body.runtime_ms < 6500, `${body.runtime_ms} ms`);
        assert.equal(body.processed + body.released.length, 20);
        assert.ok(body.released.length > 0);
        assert.equal(body.more_due, true);
        const rows = await status(late);
        assert.deepEqual(
          new Set(rows.map((row) => `${row.status} ${row.attempts}`)),
          new Set([
            "complete 1",
            "pending 0",
          ]),
        );
        site.clearFaults();
        await post(NAME, {});
      },
    );

    await t.step("ten runs at once never work a row twice", async () => {
      const mine = urls.slice(35, 110);
      await insertListings(sql, mine);
      site.clearLog();
      const taken: string[] = [];
      for (let round = 0; round < 4 && taken.length < 75; round++) {
        const answers = await Promise.all(
          Array.from({ length: 10 }, () => post(NAME, { batchSize: 8 })),
        );
        for (const { body } of answers) {
          taken.push(...body.results.map((one: { id: string }) => one.id));
        }
      }
      assert.deepEqual([taken.length, new Set(taken).size], [75, 75]);
      for (const url of mine) assert.equal(site.count(url), 1);
      const [row] = await sql`
        select count(*) filter (where status = 'complete')::int as complete,
          max(attempts) as attempts from bat_extraction_queue where bat_url = any (${mine})`;
      assert.deepEqual({ ...row }, { complete: 75, attempts: 1 });
    });
  } finally {
    await world.close();
  }
});
