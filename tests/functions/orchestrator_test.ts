import assert from "node:assert/strict";
import type postgres from "postgres";
import { node } from "../support/node.ts";
import { html, playSite, type SiteRequest } from "../support/site.ts";
import { type Answer, everything, startWorld } from "../support/world.ts";
import { until } from "../support/until.ts";

const RESULTS = "https://bringatrailer.com/auctions/results/";
const NAMES = [
  "auto_queue_backfills",
  "rescue_expired_leases",
  "discover_listings",
  "drain_queues",
  "collect_metrics",
];

let year = 1970;
/** A results page with one auction that was never listed before. */
function oneMore(): string {
  year += 1;
  const items = [{
    id: year,
    title: `${year} Saab 96`,
    url: `https://bringatrailer.com/listing/${year}-saab-96/`,
    sold_text: "Sold for USD $5,000 on 9/6/25",
    current_bid: 5000,
    currency: "USD",
    timestamp_end: 1757183566,
    year: String(year),
  }];
  return `<html><head><title>Auction Results</title></head><body>
    <script>var auctionsCompletedInitialData = ${
    JSON.stringify({ items })
  };</script></body></html>`;
}

const statuses = ({ body }: Answer) => body.steps.map((step: { status: string }) => step.status);

/** Waits until the workers that a run started hold no lease any more. */
const settled = (sql: postgres.Sql) =>
  until("the workers end", async () => {
    const [row] = await sql`
      select (select count(*) from import_queue where status in ('processing', 'pending') and next_attempt_at is null)
        + (select count(*) from bat_extraction_queue where status in ('processing', 'pending') and next_attempt_at is null)
        as open`;
    return Number(row?.open) === 0;
  });

Deno.test("pipeline-orchestrator", async (t) => {
  const answers = new Map<string, (request: SiteRequest) => Response | Promise<Response>>();
  await using front = playSite((request) =>
    answers.get(request.url.href)?.(request) ?? new Response("not found", { status: 404 })
  );
  const world = await startWorld({
    site: { counts: {} },
    functionEnv: { SOURCE_MIRROR_URL: front.mirrorUrl },
  });
  const { stack, sql, post } = world;
  const runs = () => sql`select * from pipeline_runs order by started_at`;
  const dueAgain = () => sql`update listing_feeds set next_check_at = now() where url = ${RESULTS}`;
  const indexAsked = () => front.requests.filter(({ url }) => url.href === RESULTS).length;

  try {
    await post("discover-listings", { sync_only: true });
    await sql`update listing_feeds set enabled = url = ${RESULTS}`;
    answers.set(RESULTS, () => html(oneMore()));

    await t.step("a dry run says what it would do, asks no site and changes nothing", async () => {
      await sql`
        insert into vehicles (discovery_url, sale_status, sale_price)
        values ('https://bringatrailer.com/listing/1969-saab-96/', 'bid_to', 89500)`;
      await sql`
        update bat_extraction_queue set status = 'complete', processed_at = now() - interval '1 day'`;
      await sql`update bat_extraction_queue set requeue_at = now() - interval '1 hour'`;
      await sql`
        insert into import_queue (listing_url, status, attempts, lease_token, lease_expires_at)
        values ('https://bringatrailer.com/listing/1968-saab-96/', 'processing', 1, gen_random_uuid(),
          now() - interval '1 minute')`;
      const before = await everything(sql);
      const answer = await post("pipeline-orchestrator", { dry_run: true });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.deepEqual(await everything(sql), before);
      assert.equal(front.requests.length, 0);

      assert.deepEqual(statuses(answer), Array(5).fill("ok"));
      const [queue, leases, discovery, queues, metrics] = answer.body.steps;
      assert.equal(queue.did.vehicles[0].reason, "wrong_sale_status");
      assert.equal(leases.did.import_queue, 1);
      assert.deepEqual(discovery.did.feeds.map((one: { url: string }) => one.url), [RESULTS]);
      const imports = queues.did.queues.find((one: { queue: string }) =>
        one.queue === "import_queue"
      );
      assert.deepEqual([imports.due, imports.workers], [1, 1]);
      assert.equal(metrics.status, "ok");
      assert.equal(answer.body.running, null);
    });

    await t.step("a run does its five steps, each with what it did, and keeps them", async () => {
      const answer = await post("pipeline-orchestrator", { triggered_by: "test" });
      assert.equal(answer.status, 200);
      assert.equal(answer.body.success, true, JSON.stringify(answer.body, null, 1));
      const { steps, metrics } = answer.body;
      assert.deepEqual(steps.map((one: { name: string }) => one.name), NAMES);
      assert.deepEqual(steps.map((one: { step: number }) => one.step), [0, 1, 2, 3, 4]);
      assert.deepEqual(statuses(answer), Array(5).fill("ok"));
      assert.deepEqual(steps[0].did, { queued_count: 1, skipped_count: 0 });
      assert.equal(steps[1].did.import_queue, 1);
      assert.deepEqual([steps[2].did.checked, steps[2].did.found, steps[2].did.queued], [1, 1, 1]);
      for (const one of steps[3].did.queues) {
        assert.deepEqual(one.statuses, Array(one.workers).fill(202), JSON.stringify(one));
      }
      const started = Object.fromEntries(
        steps[3].did.queues.map((
          one: { queue: string; started: number },
        ) => [one.queue, one.started]),
      );
      assert.deepEqual(started, {
        backfill_queue: 0,
        bat_extraction_queue: 1,
        extraction_map_jobs: 0,
        image_downloads: 0,
        import_queue: 1,
        listing_checks: 0,
        scrape_retry_queue: 0,
      });
      assert.ok(metrics.queues.import_queue.due + metrics.queues.import_queue.processing >= 0);
      assert.equal(metrics.feeds.working, 1);
      assert.equal(metrics.sources.by_source.bringatrailer.ok >= 1, true);

      const [run] = await runs();
      assert.deepEqual([run?.id, run?.status, run?.triggered_by], [
        answer.body.run_id,
        "completed",
        "test",
      ]);
      assert.deepEqual(run?.steps.length, 5);
      assert.deepEqual(run?.metrics.feeds, metrics.feeds);
      assert.ok(run?.runtime_ms > 0);
      await settled(sql);
    });

    await t.step("three at once: one runs, two say which one and change nothing", async () => {
      await dueAgain();
      front.requests.length = 0;
      const others = Promise.withResolvers<void>();
      answers.set(RESULTS, async () => {
        await others.promise;
        return html(oneMore());
      });
      const before = (await runs()).length;
      let open = 3;
      const all = await Promise.all([1, 2, 3].map(async () => {
        const answer = await post("pipeline-orchestrator");
        if (--open === 1) others.resolve();
        return answer;
      }));
      assert.deepEqual(all.map(({ status }) => status), [200, 200, 200]);
      assert.deepEqual(all.map(({ body }) => body.success), [true, true, true]);
      const ran = all.filter(({ body }) => !body.skipped);
      const skipped = all.filter(({ body }) => body.skipped);
      assert.equal(ran.length, 1);
      for (const { body } of skipped) {
        assert.equal(body.run_id, ran[0]?.body.run_id);
        assert.ok(Date.parse(body.running_since) <= Date.now());
      }
      assert.equal((await runs()).length, before + 1);
      assert.equal(indexAsked(), 1);
      await settled(sql);
    });

    await t.step(
      "killed in the middle: the next one waits for the lease and no longer",
      async () => {
        await dueAgain();
        const reached = Promise.withResolvers<void>();
        const killed = Promise.withResolvers<void>();
        answers.set(RESULTS, async () => {
          reached.resolve();
          await killed.promise;
          return html(oneMore());
        });
        const cut = post("pipeline-orchestrator").catch(() => null);
        await reached.promise;
        const [running] = await sql`select * from pipeline_runs where status = 'running'`;
        assert.deepEqual(
          running?.steps.map((one: { status: string }) => one.status),
          ["ok", "ok"],
          "what was done is on record",
        );
        Deno.kill(stack.functionsPid(), "SIGKILL");
        await cut;
        killed.resolve();
        answers.set(RESULTS, () => html(oneMore()));

        const said = await until("the host is back", async () => {
          const answer = await post("pipeline-orchestrator");
          return answer.status === 200 && answer;
        });
        assert.equal(said.body.skipped, true, JSON.stringify(said.body));
        assert.equal(said.body.run_id, running?.id);
        const [lease] = await sql`
        select lease_expires_at <= now() + interval '30 seconds' as short from pipeline_runs where id = ${running?.id}`;
        assert.equal(lease?.short, true);

        // The half minute passes.
        await sql`update pipeline_runs set lease_expires_at = now() - interval '1 second' where status = 'running'`;
        await sql`update listing_feeds set lease_expires_at = now() - interval '1 second' where lease_token is not null`;
        const next = await post("pipeline-orchestrator");
        assert.equal(next.body.success, true, JSON.stringify(next.body));
        assert.equal(next.body.skipped, false);
        assert.equal(next.body.steps[2].did.checked, 1, "the feed that the dead run held is read");
        const [old] =
          await sql`select status, error_message from pipeline_runs where id = ${running?.id}`;
        assert.deepEqual({ ...old }, {
          status: "abandoned",
          error_message: "the worker stopped without reporting",
        });
        const [late] = await sql`
        select settle_pipeline_run(${running?.id}, ${running?.lease_token}, 'completed', '[]') as held,
          heartbeat_pipeline_run(${running?.id}, ${running?.lease_token}) as beat`;
        assert.deepEqual({ ...late }, { held: false, beat: false });
        await settled(sql);
      },
    );

    for (
      const [step, name] of [
        "auto_queue_bat_backfills(integer, integer)",
        "rescue_expired_leases()",
        "claim_listing_feeds(integer, uuid[])",
        "pipeline_work()",
        "pipeline_metrics()",
      ].entries()
    ) {
      await t.step(`step ${step} fails: it is reported, and the others are done`, async () => {
        await dueAgain();
        await sql.unsafe(`revoke execute on function public.${name} from service_role`);
        const answer = await post("pipeline-orchestrator");
        await sql.unsafe(`grant execute on function public.${name} to service_role`);
        assert.equal(answer.status, 200);
        assert.equal(answer.body.success, false);
        assert.equal(answer.body.status, "completed_with_errors");
        assert.deepEqual(
          statuses(answer),
          NAMES.map((_, index) => index === step ? "failed" : "ok"),
          JSON.stringify(answer.body.steps),
        );
        assert.match(answer.body.steps[step].error, /permission denied/);
        const run = (await runs()).at(-1);
        assert.equal(run?.status, "completed_with_errors");
        assert.match(run?.error_message, new RegExp(`step ${step}: .*permission denied`));
        assert.equal(run?.metrics === null, step === 4);
        const [status] = await sql`
          select * from pipeline_status where part = 'pipeline-orchestrator'`;
        assert.equal(status?.state, "failing");
        assert.match(status?.why, /permission denied/);
        if (step !== 3) await settled(sql); // nobody was started
      });
    }

    await t.step("a worker that is not deployed is named, with what to type", async () => {
      await sql`update private.queues set function_name = 'process-nothing' where table_name = 'import_queue'`;
      await sql`
        insert into import_queue (listing_url) values ('https://bringatrailer.com/listing/1960-saab-96/')`;
      const answer = await post("pipeline-orchestrator", { steps: [3, 4] });
      assert.equal(answer.body.success, false);
      assert.deepEqual(statuses(answer), ["not_run", "not_run", "not_run", "failed", "ok"]);
      assert.match(answer.body.steps[3].error, /process-nothing is not deployed \(404\)/);
      assert.equal(answer.body.steps[3].hint, "supabase functions deploy process-nothing");
      const [status] = await sql`
        select * from pipeline_status where part = 'pipeline-orchestrator'`;
      assert.equal(status?.what_to_type, "supabase functions deploy process-nothing");
      await sql`update private.queues set function_name = 'process-import-queue' where table_name = 'import_queue'`;
    });

    await t.step("pipeline_status says what is stuck, why, and what to type", async () => {
      await sql`update import_queue set created_at = now() - interval '1 hour' where status = 'pending'`;
      await sql`update import_queue set processed_at = now() - interval '2 hours' where processed_at is not null`;
      await sql`
        insert into worker_invocations (function_name, request_id, answered_at, status_code)
        values ('process-import-queue', 1, now() + interval '1 second', 404)`;
      await sql`
        update worker_invocations set invoked_at = now() + interval '1 second'
        where function_name = 'process-import-queue' and status_code = 404`;
      const [status] = await sql`select * from pipeline_status where part = 'import_queue'`;
      assert.deepEqual([status?.state, status?.what_to_type], [
        "stuck",
        "supabase functions deploy process-import-queue",
      ]);
      assert.match(status?.why, /not deployed/);
      await sql`delete from worker_invocations where status_code = 404`;
    });

    await t.step(
      "by a workflow: the script prints each step and exits 0, also when one runs",
      async () => {
        const env = { SUPABASE_URL: stack.url, SUPABASE_SECRET_KEY: stack.keys.secret };
        const args = ["scripts/invoke.js", "pipeline-orchestrator", "--body"];
        const ran = await node(
          null,
          [...args, '{"max_runtime_ms":100000,"triggered_by":"github"}'],
          {
            env,
          },
        );
        assert.equal(ran.code, 0, ran.stdout + ran.stderr);
        for (const name of NAMES) assert.match(ran.stdout, new RegExp(name));
        await sql`select claim_pipeline_run('somebody else')`;
        const second = await node(null, [...args, "{}"], { env });
        assert.equal(second.code, 0, second.stdout + second.stderr);
        assert.match(second.stdout, /a run is under way/);
        await sql`update pipeline_runs set lease_expires_at = now() where status = 'running'`;
      },
    );

    await t.step("with too little time the long step is left out, and said so", async () => {
      const answer = await post("pipeline-orchestrator", { max_runtime_ms: 5_000 });
      assert.deepEqual(statuses(answer), ["ok", "ok", "not_run", "ok", "ok"]);
      assert.match(answer.body.steps[2].said, /no time/);
    });

    await t.step("a step that there is not is refused", async () => {
      const answer = await post("pipeline-orchestrator", { steps: [7] });
      assert.equal(answer.status, 400);
      assert.match(JSON.stringify(answer.body.mistakes), /steps\.0/);
    });

    await t.step("runs are forgotten after thirty days", async () => {
      const before = (await runs()).length;
      await sql`
        update pipeline_runs set started_at = now() - interval '31 days'
        where id in (select id from pipeline_runs where status <> 'running' limit 2)`;
      const [row] = await sql`select private.prune_pipeline_runs() as gone`;
      assert.equal(row?.gone, 2);
      assert.equal((await runs()).length, before - 2);
    });
  } finally {
    await world.close();
  }
});

Deno.test("listings that appear on an index become vehicles without a further call", async () => {
  const world = await startWorld({
    cron: true,
    site: { counts: { "bringatrailer.com": 6 }, nonVehicles: 1 },
  });
  const { sql, site } = world;
  try {
    const listed = [...Array(6).keys()].map((index) =>
      site.catalogue.at("bringatrailer.com", index)?.url ?? ""
    );
    // Ten minutes pass in two seconds; all else is as it is.
    await sql`
      select cron.alter_job(jobid, schedule := '2 seconds', active := true)
      from cron.job where jobname = 'pipeline-orchestrator'`;
    await until("each listing is a vehicle", async () => {
      const [row] = await sql`
        select count(*)::int as vehicles,
          (select count(*)::int from import_queue where status in ('pending', 'processing')) as open
        from vehicles where make is not null`;
      return row?.vehicles === 6 && row.open === 0;
    }, 120);
    const vehicles = await sql`select discovery_url, vin, make from vehicles`;
    assert.deepEqual(vehicles.map((row) => row.discovery_url).sort(), listed.sort());
    for (const vehicle of vehicles) {
      const truth = site.truth(vehicle.discovery_url);
      assert.deepEqual([vehicle.make, vehicle.vin], [truth?.facts.make, truth?.facts.vin ?? null]);
    }
    // The first run that found them may still be under way; whatever began has ended or goes on well.
    const odd = await sql`
      select status, error_message from pipeline_runs where status not in ('completed', 'running')`;
    assert.deepEqual(odd.map((row) => ({ ...row })), []);
  } finally {
    await world.close();
  }
});
