/** What `task worker` does to queues: works them off, as the edge functions do, and ends in order. */
import assert from "node:assert/strict";
import { startWorld, type World } from "../../support/world.ts";
import { until } from "../../support/until.ts";
import { killWorkers, startWorker } from "./support.ts";

const HOST = "bringatrailer.com";
const CLASSICS = "classics.example";

Deno.test("task worker", async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 90, [CLASSICS]: 3 } } });
  const { stack, site, sql } = world;
  const project = { url: stack.url, key: stack.keys.secret, mirrorUrl: site.url };
  const urls = Array.from({ length: 90 }, (_, n) => site.catalogue.at(HOST, n)?.url ?? "");
  const states = async (some: string[]) => (await sql`
      select status, attempts, lease_token is not null as leased
      from import_queue where listing_url = any (${some})`);
  try {
    await t.step("--once works off what is due, as the edge function does, and ends", async () => {
      const some = urls.slice(0, 45);
      await enqueue(world, some);
      const worker = startWorker(project, "--once", "--queues", "import_queue");
      assert.equal(await worker.ended, 0, JSON.stringify(worker.lines));
      for (const url of some) {
        const [row] = await sql`
          select q.status, q.lease_token, v.make, v.vin
          from import_queue q join vehicles v on v.id = q.vehicle_id where q.listing_url = ${url}`;
        assert.deepEqual([row?.status, row?.lease_token], ["complete", null]);
        assert.equal(row?.make, site.truth(url)?.facts.make);
        assert.equal(row?.vin, site.truth(url)?.facts.vin ?? null);
        assert.equal(site.count(url), 1);
      }
      const counts = worker.lines.find(({ queues, message }) =>
        queues !== undefined && message !== "ended"
      )?.queues as Record<string, Record<string, number>>;
      const { rows_per_second, ...rest } = counts.import_queue ?? {};
      assert.deepEqual(rest, { claimed: 45, done: 45, failed: 0, handed_back: 0 });
      assert.ok((rows_per_second ?? 0) > 0);
      assert.equal((await sql`select * from outside_workers`).length, 0);
    });

    await t.step("every queue has a worker that does its rows", async () => {
      const forSale = site.catalogue.at(CLASSICS, 0)?.url ?? "";
      await enqueue(world, [forSale]);
      assert.equal(await startWorker(project, "--once", "--queues", "import_queue").ended, 0);
      const ids = (await sql`
        select id from vehicles where source_host = ${HOST} order by discovery_url`)
        .map(({ id }) => id);
      const [repaired, reread, retried, ...gaps] = ids.slice(0, 6);
      await sql`update micro_scrape_state set state = 'due', due_at = now() where vehicle_id = any (${gaps}::uuid[])`;
      await sql`insert into backfill_queue (vehicle_id, reason) values (${reread}, 'manual')`;
      await sql`insert into scrape_retry_queue (vehicle_id, step_name) values (${retried}, 'extract_data')`;
      await sql`
        insert into bat_extraction_queue (vehicle_id, bat_url)
        select id, discovery_url from vehicles where id = ${repaired}
        on conflict (vehicle_id) do update set status = 'pending'`;
      await sql`update listing_checks set requeue_at = now() - interval '1 minute'`;
      await sql`select learn_extraction_map(${HOST})`;
      await enqueue(world, urls.slice(80, 82));

      const worker = startWorker(project, "--once");
      assert.equal(await worker.ended, 0, JSON.stringify(worker.lines));
      const { queues } = await worker.said(/^ended$/);
      const of = queues as Record<string, Record<string, number>>;
      assert.deepEqual(Object.keys(of).sort(), [
        "backfill_queue",
        "bat_extraction_queue",
        "extraction_map_jobs",
        "image_downloads",
        "import_queue",
        "listing_checks",
        "micro_scrape_state",
        "scrape_retry_queue",
      ]);
      for (const [queue, { claimed, done = 0, failed, handed_back }] of Object.entries(of)) {
        assert.ok(done > 0, `${queue}: ${JSON.stringify(of[queue])}`);
        assert.deepEqual([done, failed, handed_back], [claimed, 0, 0], queue);
      }
      const runs = await sql`select status, triggered_by from micro_scrape_runs`;
      assert.ok(runs.length > 0);
      for (const run of runs) {
        assert.deepEqual([run.status, run.triggered_by], ["completed", "outside"]);
      }
      const [images] = await sql`
        select count(*) filter (where status = 'stored')::int as stored,
          count(*) filter (where status = 'pending')::int as pending from image_downloads`;
      assert.ok(images?.stored > 0);
      assert.equal(images?.pending, 0);
    });

    await t.step(
      "SIGTERM hands back at once what was not begun, finishes what was, and ends with 0",
      async () => {
        const some = urls.slice(45, 65);
        for (const url of some) site.setFault(url, { kind: "slow", ms: 4_000 });
        site.clearLog();
        await enqueue(world, some);
        const worker = startWorker(project, "--queues", "import_queue", "--concurrency", "1");
        await until(
          "eight pages are asked for",
          () => some.filter((url) => site.count(url) > 0).length >= 8,
        );
        assert.equal((await states(some)).filter(({ leased }) => leased).length, 20);
        worker.kill("SIGTERM");
        const told = Date.now();
        await until("twelve rows are handed back", async () => {
          const rows = await states(some);
          return rows.filter(({ status, attempts, leased }) =>
            status === "pending" && attempts === 0 && !leased
          ).length === 12;
        }, 2);
        assert.equal((await states(some)).filter(({ leased }) => leased).length, 8, "others go on");
        assert.equal(await worker.ended, 0, JSON.stringify(worker.lines));
        assert.ok(Date.now() - told < 15_000);
        const rows = await states(some);
        assert.equal(rows.filter(({ status }) => status === "complete").length, 8);
        assert.equal(rows.filter(({ leased }) => leased).length, 0);
        assert.equal(
          some.filter((url) => site.count(url) > 0).length,
          8,
          "nothing more was asked for",
        );
        assert.equal((await sql`select * from outside_workers`).length, 0);
        site.clearFaults();
      },
    );

    await t.step("what waits for its host's turn is handed back on SIGTERM, too", async () => {
      site.clearLog();
      const some = urls.slice(45, 65);
      await sql`update source_hosts set min_interval_ms = 15000 where host = ${HOST}`;
      const worker = startWorker(project, "--queues", "import_queue", "--concurrency", "1");
      await until("one page is asked for", () => some.some((url) => site.count(url) > 0));
      worker.kill("SIGTERM");
      const told = Date.now();
      assert.equal(await worker.ended, 0, JSON.stringify(worker.lines));
      assert.ok(Date.now() - told < 5_000, "it waits for no turn");
      const rows = await states(some);
      assert.equal(rows.filter(({ leased }) => leased).length, 0);
      const asked = some.filter((url) => site.count(url) > 0).length;
      assert.equal(
        rows.filter(({ status, attempts }) => status === "pending" && attempts === 0).length,
        12 - asked,
      );
      await sql`update source_hosts set min_interval_ms = 0, next_slot_at = now() where host = ${HOST}`;
    });

    await t.step("a second signal ends it at once, and says that leases are left", async () => {
      const some = urls.slice(45, 65);
      for (const url of some) site.setFault(url, { kind: "slow", ms: 15_000 });
      site.clearLog();
      const worker = startWorker(project, "--queues", "import_queue", "--concurrency", "1");
      await until("pages are asked for", () => some.some((url) => site.count(url) > 0));
      worker.kill("SIGINT");
      await worker.said(/SIGINT/);
      const told = Date.now();
      worker.kill("SIGINT");
      assert.equal(await worker.ended, 1);
      assert.ok(Date.now() - told < 3_000);
      assert.match(worker.lines.at(-1)?.message ?? "", /leases run out/);
      site.clearFaults();
    });

    await t.step(
      "what cron's switch stops begins no run here either, until it is on again",
      async () => {
        const some = urls.slice(65, 70);
        await sql`update import_queue set lease_expires_at = now() where lease_token is not null`;
        await enqueue(world, some);
        await turn(world, "look-after-queues", false);
        const worker = startWorker(project, "--queues", "import_queue");
        await worker.said(/import_queue is paused: cron's job look-after-queues is switched off/);
        await new Promise((resolve) => setTimeout(resolve, 2_500));
        assert.ok(
          (await states(some)).every(({ status, leased }) => status === "pending" && !leased),
        );
        await turn(world, "look-after-queues", true);
        await worker.said(/import_queue goes on/);
        await until(
          "they are imported",
          async () => (await states(some)).every(({ status }) => status === "complete"),
        );
        worker.kill("SIGTERM");
        assert.equal(await worker.ended, 0);
      },
    );

    await t.step("--batch says how many rows a run takes", async () => {
      const some = urls.slice(70, 80);
      for (const url of some) site.setFault(url, { kind: "slow", ms: 3_000 });
      await enqueue(world, some);
      const worker = startWorker(
        project,
        "--queues",
        "import_queue",
        "--concurrency",
        "1",
        "--batch",
        "3",
      );
      const leased = await until(
        "rows are leased",
        async () => (await states(some)).filter(({ leased }) => leased).length || null,
      );
      assert.equal(leased, 3);
      worker.kill("SIGTERM");
      assert.equal(await worker.ended, 0);
    });
  } finally {
    await killWorkers();
    await world.close();
  }
});

async function enqueue({ sql }: World, urls: string[]): Promise<void> {
  const listings = sql.json(urls.map((url) => ({ url })));
  await sql`select enqueue_listings(${listings}, 'https://feed.example/')`;
}

async function turn({ sql }: World, job: string, on: boolean): Promise<void> {
  await sql`select cron.alter_job(jobid, active := ${on}) from cron.job where jobname = ${job}`;
}
