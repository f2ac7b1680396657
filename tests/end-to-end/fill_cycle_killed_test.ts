import assert from "node:assert/strict";
import { startWorld, type World } from "../support/world.ts";
import { until } from "../support/until.ts";

const SLOT = 7_200_000;
const MINUTE = 60_000;
/** When a step is due, after the beginning of its slot. */
const STEPS: [string, number][] = [
  ["assess_state", 0],
  ["process_queue", 0],
  ["check_target", 0],
  ["activate_sources", 0],
  ["discover_sources", 0],
  ["monitor_quality", 110 * MINUTE],
  ["schedule_next", 120 * MINUTE],
];

/** Lets a step that is named in `test_pause` take five seconds more between its work and its end. */
const PAUSES = `
  create table public.test_pause (step text);
  alter function public.settle_fill_step(uuid, jsonb, text, jsonb) rename to settle_fill_step_now;
  create function public.settle_fill_step(
    p_token uuid, p_result jsonb default null, p_error text default null, p_cursor jsonb default null
  ) returns jsonb language plpgsql security definer as $$
  begin
    perform pg_sleep(5) from test_pause p join fill_cycle_steps s using (step) where s.lease_token = p_token;
    return settle_fill_step_now(p_token, p_result, p_error, p_cursor);
  end $$;`;

type Kill = (world: World) => void;

async function moveTo({ stack }: World, moment: number): Promise<void> {
  const { clock } = stack;
  if (clock === null) throw new Error("the clock of this stack cannot be moved");
  // Where Postgres was killed it may be away, though sessions of before still answer.
  await until("the clock is moved", async () => {
    await clock.moveTo(Math.max(moment, clock.now()));
    return true;
  }, 60);
}

/** Whether a step has been worked off in this slot; false also while Postgres is away. */
async function isDone({ sql }: World, slot: number, step: string): Promise<boolean> {
  const rows = await sql<{ rounds: number; status: string }[]>`
    select s.rounds, s.status
    from fill_cycle_steps s
    join fill_cycles c using (cycle_id)
    where c.slot = ${new Date(slot)} and s.step = ${step}`.catch(() => []);
  // The last step is done by whoever comes first, the agent or cron.
  return rows.some(({ rounds, status }) =>
    step === "schedule_next" ? status === "complete" : rounds > 0 && status !== "processing"
  );
}

/** Kills what is at this step when its work is done and not yet settled. */
async function killAt(world: World, slot: number, step: string, kill: Kill): Promise<void> {
  const { sql, stack } = world;
  await until(`${step} is worked on`, async () => {
    const rows = await sql`
      select from fill_cycle_steps s
      join pg_stat_activity a on a.wait_event = 'PgSleep'
      where s.step = ${step} and s.status = 'processing'`;
    return rows.length > 0;
  }, 60);
  kill(world);
  await until("Postgres answers", async () => {
    // Of a host that is gone the statement would go on.
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'`;
    await sql`delete from test_pause where step = ${step}`;
    return true;
  }, 60);
  assert.equal(await isDone(world, slot, step), false, `${step} ended before it was killed`);
  await moveTo(world, (stack.clock?.now() ?? 0) + MINUTE); // its lease is over
}

/** Runs one cycle on a stack of its own, and gives what it came to. */
async function cycle(kill: Kill | null) {
  const world = await startWorld({ cron: true, movableClock: true });
  const { sql, stack } = world;
  try {
    await sql`update listing_feeds set enabled = false`;
    await sql.unsafe(PAUSES);
    await sql`grant select on public.test_pause to service_role`;
    const slot = (Math.floor((stack.clock?.now() ?? 0) / SLOT) + 1) * SLOT;
    if (kill !== null) await sql`insert into test_pause select step from private.fill_steps()`;
    await moveTo(world, slot);
    await sql.begin(async (tx) => {
      await tx`set local vehicles.writer = 'import'`;
      await tx`
        insert into vehicles (discovery_url, created_at, year, make, model, field_state)
        select 'https://a.example/' || n, ${new Date(
        slot,
      )}::timestamptz + n * interval '1 second', 2004, 'Audi', 'A4',
          (select jsonb_object_agg(f, '{"confidence": 0.9, "method": "a"}'::jsonb) from unnest('{year,make,model}'::text[]) f)
        from generate_series(1, 7) n`;
    });
    for (const [step, dueAfter] of STEPS) {
      await moveTo(world, slot + dueAfter);
      if (kill !== null) await killAt(world, slot, step, kill);
      let waited = 0;
      await until(`${step} is done`, async () => {
        // Cron's looks come in real seconds: time is moved on to the next.
        if (++waited % 10 === 0) await moveTo(world, (stack.clock?.now() ?? 0) + 21_000);
        return await isDone(world, slot, step);
      }, 120);
    }
    await until("the next cycle has begun", async () => {
      const rows = await sql`select from fill_cycles where slot = ${new Date(slot + SLOT)}`;
      return rows.length === 1;
    });
    const [ended] = await sql`
      select status, vehicles_added, vehicles_queued, sources_active, on_target, verdict, next_actions
      from fill_cycles where slot = ${new Date(slot)}`;
    const steps = await sql`
      select s.step, s.status, s.error_message
      from fill_cycle_steps s join fill_cycles c using (cycle_id)
      where c.slot = ${new Date(slot)} order by s.step`;
    const [count] = await sql`select count(*)::int as cycles from fill_cycles`;
    return { ended: { ...ended }, steps: steps.map((row) => ({ ...row })), ...count };
  } finally {
    await world.close();
  }
}

Deno.test("a cycle that is killed at each of its steps ends as if it had not been", async (t) => {
  const undisturbed = await cycle(null);
  assert.equal(undisturbed.ended.vehicles_added, 7, JSON.stringify(undisturbed));
  assert.deepEqual(undisturbed.steps.map(({ status }) => status), Array(7).fill("complete"));

  await t.step("the functions' host is killed", async () => {
    const killed = await cycle(({ stack }) => Deno.kill(stack.functionsPid(), "SIGKILL"));
    assert.deepEqual(killed, undisturbed);
  });
  await t.step("Postgres is killed", async () => {
    const killed = await cycle(({ stack }) => Deno.kill(stack.postgresPid(), "SIGKILL"));
    assert.deepEqual(killed, undisturbed);
  });
});
