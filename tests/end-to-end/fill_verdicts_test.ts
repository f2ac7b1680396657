/** Cycles that miss their target, each for a real cause: the verdict, what proves it, and what to type. */
import assert from "node:assert/strict";
import { botWalled, type EndedCycle, failing, startFillWorld } from "./fill_verdicts.ts";

const TARGET = 40;
const NAMES = ["north", "south", "east", "west"];
const sitesOf = (what: string, cars: number) =>
  NAMES.map((name) => ({ host: `${name}-${what}.test`, cars }));

/** The sites of a slot are looked at once, later once more, and its last minutes are those of quality. */
const MOMENTS = [10, 60, 112];
/** Where workers do not do what is due, nobody waits for it. */
const NOT_LONG = 2_500;

/** Of a cycle that missed its target for this reason: nothing else held back any of it. */
function assertAll(cycle: EndedCycle, verdict: string): void {
  const { on_target, metrics: { held_back, missing } } = cycle;
  assert.deepEqual([cycle.verdict, on_target], [verdict, false], JSON.stringify(cycle, null, 1));
  assert.equal(held_back[verdict], missing, JSON.stringify(cycle.metrics, null, 1));
}

const advice = ({ next_actions: all }: EndedCycle, about: RegExp): string => {
  const found = all.find((one) => about.test(one));
  assert.ok(found !== undefined, `${about} is none of:\n${all.join("\n")}`);
  return found;
};

Deno.test("a cycle that misses its target says why, and what to type", async (t) => {
  const world = await startFillWorld(TARGET);
  const { sql, stack } = world;
  const cycle = (name: string, run: () => Promise<EndedCycle>) =>
    t.step(name, async () => {
      const ended = await run();
      for (const one of ended.next_actions) await world.type(one);
    });

  try {
    await cycle("supply dried up", async () => {
      await world.play([
        ...["north", "south"].map((name) => ({ host: `${name}.test`, cars: 8 })),
        ...["east", "west"].map((name) => ({ host: `${name}.test`, cars: 2 })),
      ]);
      await world.goTo(MOMENTS);
      const ended = await world.end();
      assertAll(ended, "supply_limited");
      const { metrics } = ended;
      assert.equal(ended.vehicles_added, 20);
      assert.deepEqual(Object.keys(metrics.hosts), ["serves"]);
      const { serves } = metrics.hosts;
      assert.deepEqual([serves?.hosts, serves?.listings], [4, 0]);
      for (const { host, why } of serves?.examples ?? []) {
        const stock = /north|south/.test(host) ? 8 : 2;
        assert.equal(why, `at the last look at its lists 0 of ${stock} listings were new`);
      }
      advice(ended, /^more sources: /);
      return ended;
    });

    await cycle("half the hosts blocked", async () => {
      await world.play([
        { host: "north.test", cars: 60, instead: botWalled },
        { host: "south.test", cars: 60, instead: failing },
        { host: "east.test", cars: 4 },
        { host: "west.test", cars: 4 },
      ]);
      await world.goTo(MOMENTS);
      const ended = await world.end();
      const { held_back, hosts } = ended.metrics;
      assert.deepEqual(
        [ended.verdict, ended.vehicles_added],
        ["blocked", 4],
        JSON.stringify(ended),
      );
      // What is behind a wall is as much as the site gave before: eight cars of each against two.
      assert.deepEqual([held_back.blocked, held_back.supply_limited], [27, 9]);
      assert.deepEqual([hosts.blocked?.hosts, hosts.serves?.hosts], [2, 2]);
      const named = advice(ended, /^they refuse us or do not serve: /);
      assert.match(named, /north\.test \(\d+ refusals in a row, the last one blocked: .+\)/);
      assert.match(named, /south\.test \(.*503.*\)/);
      advice(ended, /select resume_host\('(north|south)\.test'\);$/);
      return ended;
    });

    await cycle("all hosts at their limit", async () => {
      await world.play([
        { host: "north-pace.test", cars: 60, robots: "User-agent: *\nCrawl-delay: 1200\n" },
        { host: "south-pace.test", cars: 60, minIntervalMs: 1_200_000 },
      ]);
      await world.post("pipeline-orchestrator"); // so that they are asked from the beginning of the slot
      await world.goTo([22, 44, 66, 88, 110]);
      const ended = await world.end();
      assertAll(ended, "pace_limited");
      const { at_limit } = ended.metrics.hosts;
      assert.equal(at_limit?.hosts, 2, JSON.stringify(ended.metrics));
      assert.equal(at_limit?.listings, 120 - ended.vehicles_added);
      for (const { host } of at_limit?.examples ?? []) {
        assert.ok(world.mostInAnHour(host) <= 4, `${host} was pressed`);
      }
      const why = Object.fromEntries(at_limit?.examples.map((one) => [one.host, one.why]) ?? []);
      assert.equal(why["north-pace.test"], "crawl-delay of its robots.txt");
      assert.equal(why["south-pace.test"], "min_interval_ms");
      // What its robots.txt says is not ours to change, and no picture was asked for.
      advice(ended, /set min_interval_ms = … where host = 'south-pace\.test';$/);
      assert.ok(!ended.next_actions.some((one) => one.includes("galleries")));
      return ended;
    });

    await cycle("workers off: the key in Vault is refused", async () => {
      await sql`select vault.update_secret(id, 'rotated') from vault.secrets where name = 'service_role_key'`;
      await world.play(sitesOf("key", 15));
      await world.goTo(MOMENTS, NOT_LONG);
      const ended = await world.end();
      assertAll(ended, "capacity_limited");
      assert.equal(ended.metrics.workers["pipeline-orchestrator"]?.state, "off");
      assert.equal(ended.metrics.hosts.overdue?.hosts, 4);
      assert.ok(!ended.next_actions.some((one) => one.includes("workers_ceiling")));
      const typed = advice(ended, /the key in Vault .* is refused: select vault\.update_secret/);
      await world.type(typed, { YOUR_SECRET_KEY: stack.keys.serviceRole });
      return ended;
    });

    await cycle("workers off: cron's jobs are switched off", async () => {
      await sql`
        select cron.alter_job(jobid, active := false) from cron.job where jobname <> 'database-fill-agent'`;
      await world.play(sitesOf("jobs", 15));
      await world.goTo(MOMENTS, NOT_LONG);
      const ended = await world.end();
      assertAll(ended, "capacity_limited");
      assert.match(
        ended.metrics.workers["pipeline-orchestrator"]?.why ?? "",
        /^nobody invoked it for \d+ minutes$/,
      );
      await world.type(
        advice(ended, /^switched off in cron: .*'look-after-queues', 'pipeline-orchestrator'/),
        {},
        true,
      );
      const off = await sql`select jobname from cron.job where not active and jobname = any (${[
        "look-after-queues",
        "pipeline-orchestrator",
      ]})`;
      assert.equal(off.length, 0);
      await sql`select cron.alter_job(jobid, active := true) from cron.job`;
      return ended;
    });

    await cycle("workers off: the functions' host hangs", async () => {
      Deno.kill(stack.functionsPid(), "SIGSTOP");
      await world.play(sitesOf("hangs", 15));
      await world.goTo(MOMENTS, 6_000);
      const ended = await world.end();
      await world.play([]); // what it was asked meanwhile finds nothing
      Deno.kill(stack.functionsPid(), "SIGCONT");
      assertAll(ended, "capacity_limited");
      advice(ended, /^pipeline-orchestrator: no answer within five seconds: node scripts/);
      return ended;
    });

    await cycle("an error of ours: a trigger breaks what is written", async () => {
      await sql.unsafe(`
        create function public.broken() returns trigger language plpgsql as $$
        begin raise exception 'column "colour" is of no use'; end $$;
        create trigger broken before insert on vehicles for each row execute function public.broken()`);
      await world.play(sitesOf("trigger", 15));
      await world.goTo(MOMENTS);
      const ended = await world.end();
      await sql`drop function public.broken cascade`;
      assertAll(ended, "faulty");
      assert.deepEqual(ended.metrics.errors, [{
        error: 'could not be imported: column "colour" is of no use',
        hosts: 4,
        listings: 60,
        url: "https://east-trigger.test/inventory/1990-bmw-m3-0",
      }]);
      advice(ended, /^an error of ours, 60 listings: could not be imported: column "colour"/);
      await world.type(advice(ended, /^when it is mended: /), {}, true);
      const [left] =
        await sql`select count(*)::int as failed from import_queue where status = 'failed'`;
      assert.equal(left?.failed, 0);
      return ended;
    });

    await cycle("an error of ours: the worker breaks with what it holds", async () => {
      await sql.unsafe(`
        alter function public.import_listings(jsonb) rename to import_listings_as_it_was;
        create function public.import_listings(p_items jsonb) returns jsonb language plpgsql as $$
        begin raise exception 'import_listings is of no use'; end $$;
        grant execute on function public.import_listings(jsonb) to service_role`);
      await world.play(sitesOf("worker", 15));
      await world.goTo([...MOMENTS, 118], 6_000);
      const ended = await world.end();
      assert.equal(ended.verdict, "faulty", JSON.stringify(ended, null, 1));
      advice(ended, /^\d+ listings whose worker broke: the log of process-import-queue says why$/);
      assert.match(await Deno.readTextFile(stack.functionsLog), /import_listings is of no use/);
      await sql.unsafe(`
        drop function public.import_listings(jsonb);
        alter function public.import_listings_as_it_was(jsonb) rename to import_listings`);
      return ended;
    });

    await cycle("an error of ours: the functions do not start", async () => {
      await stack.setFunctionEnv({ SUPABASE_SECRET_KEYS: "sb_secret_no_json" });
      await world.play(sitesOf("boot", 15));
      await world.goTo(MOMENTS, 6_000);
      const ended = await world.end();
      await stack.setFunctionEnv({
        SUPABASE_SECRET_KEYS: JSON.stringify({ default: stack.keys.secret }),
      });
      assertAll(ended, "faulty");
      advice(ended, /^pipeline-orchestrator: answered 503: BOOT_ERROR: .*: node scripts/);
      assert.ok(!ended.next_actions.some((one) => one.endsWith(": ")));
      return ended;
    });
  } finally {
    await world.close();
  }
});
