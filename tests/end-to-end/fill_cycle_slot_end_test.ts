import assert from "node:assert/strict";
import postgres from "postgres";
import { startWorld } from "../support/world.ts";

const SLOT = 7_200_000;

Deno.test("who began before a slot's end and comes after it leaves the new cycle alone", async () => {
  const { sql, stack, close } = await startWorld({ cron: false, movableClock: true });
  const late = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
  try {
    const { clock } = stack;
    assert.ok(clock !== null);
    const slot = (Math.floor(clock.now() / SLOT) + 1) * SLOT;
    await clock.moveTo(slot + 1_000);
    await sql`select begin_fill_cycle('cron')`;
    await clock.moveTo(slot + SLOT - 1_500);

    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const lateAnswer = late.begin(async (tx) => {
      await tx`select now()`; // its time stands still from here
      begun.resolve();
      await ended.promise;
      const [row] = await tx<{ answer: { begun: boolean } }[]>`
        select begin_fill_cycle('agent') as answer`;
      return row?.answer.begun;
    });
    await begun.promise;
    // Time passes as it does: a move of the clock would also move what stands still.
    await new Promise((resolve) => setTimeout(resolve, slot + SLOT + 100 - clock.now()));
    await sql`select begin_fill_cycle('cron')`;
    ended.resolve();
    assert.equal(await lateAnswer, false);

    const cycles = await sql<{ slot: Date; status: string; errors: string[] }[]>`
      select slot, status, errors from fill_cycles where slot >= ${new Date(slot)} order by slot`;
    assert.deepEqual(cycles.map(({ slot, status, errors }) => ({ at: +slot, status, errors })), [
      { at: slot, status: "completed", errors: [] },
      { at: slot + SLOT, status: "running", errors: [] },
    ]);
  } finally {
    await late.end();
    await close();
  }
});

Deno.test("a clock that is set back by seconds as a slot begins leaves the new cycle alone", async () => {
  const { sql, stack, close } = await startWorld({ cron: false, movableClock: true });
  try {
    const { clock } = stack;
    assert.ok(clock !== null);
    const next = new Date((Math.floor(clock.now() / SLOT) + 1) * SLOT);
    await clock.moveTo(next.getTime() - 30_000);
    await sql`
      insert into fill_cycles (cycle_id, slot, triggered_by, target)
      values (private.fill_cycle_id(${next}), ${next}, 'cron', 2000)`;

    const [row] = await sql<{ answer: { begun: boolean } }[]>`
      select begin_fill_cycle('agent') as answer`;
    assert.equal(row?.answer.begun, false);
    const cycles = await sql<{ slot: Date; status: string; errors: string[] }[]>`
      select slot, status, errors from fill_cycles where slot >= ${next}`;
    assert.deepEqual([...cycles], [{ slot: next, status: "running", errors: [] }]);
  } finally {
    await close();
  }
});
