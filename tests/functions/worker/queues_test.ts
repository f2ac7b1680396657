/** What `task worker` does to queues: works them off, as the edge functions do, and ends in order. */
import assert from "node:assert/strict";
import { startWorld, type World } from "../../support/world.ts";
import { until } from "../../support/until.ts";
import { killWorkers, startWorker } from "./support.ts";

const HOST = "bringatrailer.com";

Deno.test("task worker", async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 90 } } });
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

    await t.step(
      "every queue has its worker: vehicles get their gaps filled, and images",
      async () => {
        // Gap filling may look at what was imported a moment ago.
        await sql`update micro_scrape_state set state = 'due', due_at = now() where state = 'waiting'`;
        const worker = startWorker(project, "--once");
        assert.equal(await worker.ended, 0, JSON.stringify(worker.lines));
        const [images] = await sql`
        select count(*) filter (where status = 'stored')::int as stored,
          count(*) filter (where status = 'pending')::int as pending from image_downloads`;
        assert.ok(images?.stored > 0, JSON.stringify(worker.lines));
        assert.equal(images?.pending, 0);
        const runs = await sql`select status, triggered_by from micro_scrape_runs`;
        assert.ok(runs.length > 0);
        for (const run of runs) {
          assert.deepEqual([run.status, run.triggered_by], ["completed", "outside"]);
        }
      },
    );

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
