/** A day of cycles: the clock goes to what is due next, and work is let come to its end there. */
import { SLOT_MS, SLOTS } from "../sites/plan.ts";
import { holdBack } from "./hold_back.ts";
import { untilQuiet } from "./quiet.ts";
import type { FillWorld } from "./world.ts";

/** A cycle as it ended, by its own row. */
export interface Cycle {
  cycle_id: string;
  slot: Date;
  status: string;
  vehicles_added: number | null;
  vehicles_queued: number | null;
  sources_active: number | null;
  sources_discovered: number | null;
  data_quality_score: string | null;
  on_target: boolean | null;
  verdict: string | null;
  errors: string[];
  /** How often each lever was moved. */
  decisions: Record<string, number>;
  /** Changes of lifecycle: "oak-motors.example probation → active". */
  moves: { host: string; from: string | null; to: string }[];
  /** Real seconds. */
  seconds: number;
}

const CHECK_MS = 600_000;
/** Real time that the work of one moment may take. */
const LONGEST_MS = 300_000;
/** The worker that is kept from new work when a cycle has met its target. */
const IMPORTS = "process-import-queue";
/** In the last minutes of a slot the agent measures what came in. */
const LAST_MS = 600_000;
/** Some of what is at work is no vehicle, or is here already. */
const SPARE = 1.02;

async function vehicles({ sql }: FillWorld): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from vehicles`;
  return row?.count ?? 0;
}

async function addedIn({ sql }: FillWorld, slot: Date): Promise<number> {
  const [row] = await sql<{ added: number }[]>`
    select count(*)::int as added
    from vehicles
    where created_at >= ${slot} and created_at < ${slot}::timestamptz + interval '2 hours' and year is not null and make is not null and model is not null`;
  return row?.added ?? 0;
}

async function cycleOf({ sql }: FillWorld, slot: Date, seconds: number): Promise<Cycle | null> {
  const [row] = await sql<Omit<Cycle, "seconds">[]>`
    select c.cycle_id, c.slot, c.status, c.vehicles_added, c.vehicles_queued, c.sources_active,
      c.sources_discovered, c.data_quality_score, c.on_target, c.verdict, c.errors,
      coalesce((
        select jsonb_object_agg(lever, count)
        from (
          select lever, count(*) from fill_decisions d where d.cycle_id = c.cycle_id group by lever
        ) l
      ), '{}') as decisions,
      coalesce((
        select jsonb_agg(jsonb_build_object('host', s.hosts[1], 'from', e.from_lifecycle, 'to', e.to_lifecycle)
          order by e.id)
        from source_lifecycle_events e
        join scrape_sources s on s.id = e.source_id
        where e.at >= c.slot and e.at < c.slot + interval '2 hours' and s.found_by <> 'code'
      ), '[]') as moves
    from fill_cycles c
    where c.slot = ${slot}`;
  return row === undefined ? null : { ...row, seconds };
}

/** The end of a cycle is written by the agent in the next slot: the clock goes there, and it is waited for. */
async function endOf(world: FillWorld, slot: Date, seconds: number): Promise<Cycle> {
  for (let tries = 0; tries < 200; tries++) {
    const cycle = await cycleOf(world, slot, seconds);
    if (cycle !== null && cycle.status !== "running") return cycle;
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (tries % 20 === 19) await world.clock.moveTo(world.clock.now() + 21_000); // cron's watch comes
  }
  throw new Error(`the cycle of ${slot.toISOString()} did not end`);
}

/** When the agent looks next whether its cycle is on target, epoch milliseconds; null when it does not any more. */
async function nextCheck({ sql }: FillWorld, slot: Date): Promise<number | null> {
  const [row] = await sql<{ at: Date | null }[]>`
    select s.next_attempt_at as at
    from fill_cycle_steps s
    join fill_cycles c using (cycle_id)
    where c.slot = ${slot} and s.step = 'check_target' and s.status = 'pending'`;
  return row?.at?.getTime() ?? null;
}

/**
 * Runs so many cycles of the day. In each the clock goes from check to check, ten minutes apart, until the cycle is
 * on target; then those at work come to their end, and it goes to the last minutes of the slot. What waits by then is
 * the next cycle's.
 */
export async function runDay(
  world: FillWorld,
  { cycles, target }: { cycles: number; target: number },
  tell: { progress(text: string): void; cycle(cycle: Cycle): void },
): Promise<Cycle[]> {
  const { clock, sites, dayStart } = world;
  const ended: Cycle[] = [];
  const moveTo = async (slot: number, moment: number) => {
    sites.setTime({ slot: Math.min(slot, SLOTS - 1), dayStart });
    await clock.moveTo(moment);
  };
  const progressFrom = (held: number) => (added: number) =>
    tell.progress(
      `  ${new Date(clock.now()).toISOString().slice(11, 16)}  ${held + added} vehicles`,
    );

  const letEnd = async ({ hasBegun }: { hasBegun: boolean }) =>
    await untilQuiet(world, {
      longestMs: LONGEST_MS,
      leaveImports: true,
      hasBegun,
      onProgress: progressFrom(await vehicles(world)),
    });

  /** From check to check until the target is met, or the last check is over. */
  const workUntilTarget = async (slot: number, at: Date) => {
    const from = at.getTime();
    for (let moment = from + 1_000; moment < from + SLOT_MS - LAST_MS;) {
      await moveTo(slot, moment);
      const missing = target - await addedIn(world, at);
      if (missing <= 0) return;
      const held = await vehicles(world);
      const enough = Math.ceil(missing * SPARE);
      const onProgress = progressFrom(held);
      const how = await untilQuiet(world, { longestMs: LONGEST_MS, enough, onProgress });
      // What is at work need not all land: then the others are let go on at the same moment.
      if (how === "enough") await holdBack(world, IMPORTS, () => letEnd({ hasBegun: true }));
      if (how !== "enough" || await vehicles(world) === held) {
        moment = Math.max(moment + CHECK_MS, (await nextCheck(world, at) ?? 0) + 500);
      }
    }
  };

  for (let slot = 0; slot < cycles; slot++) {
    const at = new Date(dayStart + slot * SLOT_MS);
    const begun = performance.now();
    await workUntilTarget(slot, at);
    const end = at.getTime() + SLOT_MS;
    await holdBack(world, IMPORTS, async () => {
      await letEnd({ hasBegun: true });
      await moveTo(slot, end - LAST_MS + 3_000); // where its quality is measured
      await letEnd({ hasBegun: false });
      await moveTo(slot, end - 1_000);
      await clock.moveTo(end + 500); // its last step ends it, and begins the next
    });
    const cycle = await endOf(world, at, (performance.now() - begun) / 1000);
    ended.push(cycle);
    tell.cycle(cycle);
  }
  return ended;
}
