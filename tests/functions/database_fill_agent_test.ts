import assert from "node:assert/strict";
import { everything, startWorld } from "../support/world.ts";

const STEPS = [
  "assess_state",
  "process_queue",
  "check_target",
  "activate_sources",
  "discover_sources",
  "monitor_quality",
  "schedule_next",
];

Deno.test("database-fill-agent", async (t) => {
  const world = await startWorld();
  const { sql, post } = world;
  const agent = (body: Record<string, unknown> = {}) => post("database-fill-agent", body);
  const steps = async () => {
    const rows = await sql<{ step: string; status: string; rounds: number }[]>`
      select s.step, s.status, s.rounds
      from fill_cycle_steps s
      join private.fill_steps() f using (step)
      join fill_cycles c on c.cycle_id = s.cycle_id and c.slot = private.fill_slot(now())
      order by f.place`;
    return rows;
  };
  try {
    // No site is asked, and no cycle of this test is moved by anybody but it.
    await sql`update listing_feeds set enabled = false`;
    await sql`update fill_policy set new_sources_ceiling = 0`;

    await t.step("a body that does not fit is refused with every mistake", async () => {
      const answer = await agent({
        steps: ["assess_state", "no_such_step"],
        max_runtime_ms: 0,
        dry_run: "yes",
        cycle_id: 7,
        target: 5,
      });
      assert.equal(answer.status, 400);
      const paths = answer.body.mistakes.map(({ path }: { path: string }) => path).sort();
      assert.deepEqual(paths, ["", "cycle_id", "dry_run", "max_runtime_ms", "steps.1"]);
    });

    await t.step("a dry run says what it would do, and writes nothing", async () => {
      const before = await everything(sql);
      const { status, body } = await agent({ dry_run: true });
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.would_begin, true);
      assert.equal(body.next_step, "assess_state");
      assert.equal(body.check.target, 2000);
      assert.deepEqual(Object.keys(body.would).sort(), [
        "activate_sources",
        "discover_sources",
        "monitor_quality",
        "process_queue",
      ]);
      assert.deepEqual(await everything(sql), before);
    });

    await t.step("a call does one step, in their order, until none is due", async () => {
      const done: string[] = [];
      for (;;) {
        const { status, body } = await agent({ triggered_by: "test" });
        assert.equal(status, 200, JSON.stringify(body));
        assert.equal(body.success, true, JSON.stringify(body));
        assert.match(body.cycle_id, /^fill-\d{4}-\d\d-\d\dT\d\d:00Z$/);
        if (body.skipped) break;
        assert.equal(body.steps.length, 1);
        if (body.steps[0].status === "complete") done.push(body.steps[0].step);
      }
      assert.deepEqual(done.slice(0, 3), STEPS.slice(0, 3));
      assert.deepEqual((await steps()).map(({ step }) => step), STEPS);
    });

    await t.step("steps by name are done at once, and again; the last keeps its time", async () => {
      const { body } = await agent({ steps: ["monitor_quality", "assess_state", "schedule_next"] });
      const done = body.steps.map(({ step }: { step: string }) => step);
      assert.equal(done[0], "assess_state", JSON.stringify(body));
      assert.ok(done.includes("monitor_quality"), JSON.stringify(body));
      assert.ok(!done.includes("schedule_next"));
    });

    await t.step("two at once: the second says so", async () => {
      const token = crypto.randomUUID();
      await sql`
        update fill_cycle_steps
        set status = 'processing', lease_token = ${token}, lease_expires_at = now() + interval '1 minute'
        where step = 'check_target'`;
      const { status, body } = await agent();
      assert.equal(status, 200);
      assert.deepEqual([body.skipped, body.steps, body.step], [true, [], "check_target"]);
      assert.match(body.why, /never a second worker/);
      await sql`
        update fill_cycle_steps
        set status = 'pending', lease_token = null, lease_expires_at = null, next_attempt_at = now() + interval '9 minutes'
        where step = 'check_target'`;
    });

    await t.step(
      "five agents and two crons at once: one cycle, and each step is done once",
      async () => {
        await sql`delete from fill_cycles`;
        const [answers] = await Promise.all([
          Promise.all(Array.from({ length: 5 }, () => agent())),
          sql`select private.start_fill_cycle()`,
          sql`select private.start_fill_cycle()`,
        ]);
        for (const { status, body } of answers) assert.equal(status, 200, JSON.stringify(body));
        const done = answers.flatMap(({ body }) =>
          body.steps.map(({ step }: { step: string }) => step)
        );
        assert.deepEqual(done, [...new Set(done)], "a step was done twice");
        assert.deepEqual(
          (await steps()).filter(({ rounds }) => rounds > 0).map(({ step }) => step).sort(),
          [...done].sort(),
        );
        const [cycles] = await sql`select count(*)::int as n from fill_cycles`;
        assert.equal(cycles?.n, 1);
      },
    );

    await t.step("a cycle that is none is refused in words", async () => {
      const { body } = await agent({ cycle_id: "fill-1999-01-01T00:00Z" });
      assert.equal(body.skipped, true);
      assert.match(body.why, /no cycle has the id "fill-1999/);
    });
  } finally {
    await world.close();
  }
});
