/** `task demo --fill`: a day of the database that fills itself. */
import { cpuSeconds, msEach, usedSince } from "./fill/driver/cpu.ts";
import { type Cycle, runDay } from "./fill/driver/day.ts";
import { type FillWorld, HOST_INTERVAL_MS, sayWhatIsWanted } from "./fill/driver/world.ts";
import { cycleHeading, cycleLine } from "./fill/report/cycle.ts";
import type { FillResult } from "./fill/report/result.ts";
import { FILL_SITES, SLOTS } from "./fill/sites/plan.ts";
import { checkPace, checkRefusals } from "./fill/verify/pace.ts";
import { checkFates, readFates } from "./fill/verify/sources.ts";
import { checkVehicles } from "./fill/verify/vehicles.ts";
import type { Voice } from "./report/voice.ts";
import { type Check, counted } from "./verify/check.ts";

/** How much of a day is run. */
interface Extent {
  cycles: number;
  /** Vehicles that are wanted of each cycle. */
  target: number;
}
const WHOLE_DAY: Extent = { cycles: SLOTS, target: 2_000 };
export const QUICK: Extent = { cycles: 2, target: 500 };
const QUALITY_FLOOR = 0.9;

function checkTargets(cycles: readonly Cycle[], vehicles: number, target: number): Check[] {
  const on = cycles.filter(({ on_target }) => on_target);
  const missed = cycles.filter(({ on_target }) => !on_target).map((it) =>
    `${it.slot.toISOString().slice(11, 16)} added ${it.vehicles_added}: ${it.verdict ?? it.status}`
  );
  const wanted = cycles.length * target;
  return [{
    name: `at most one cycle misses its target of ${target.toLocaleString("en-US")}`,
    seen: `${on.length} of ${cycles.length} on target`,
    problems: missed.length > 1 ? missed : [],
  }, {
    name: `${wanted.toLocaleString("en-US")} vehicles landed`,
    seen: counted(vehicles, "vehicle"),
    problems: vehicles >= wanted ? [] : [`${wanted - vehicles} are missing`],
  }];
}

function checkQuality(report: Record<string, unknown>): Check {
  const quality = Number(report.avg_quality ?? 0);
  return {
    name: `quality is at least ${QUALITY_FLOOR}`,
    seen: String(report.avg_quality ?? "not measured"),
    problems: quality >= QUALITY_FLOOR ? [] : [`it is ${report.avg_quality ?? "not measured"}`],
  };
}

/** Runs the cycles of a day, or the first ones of it, and checks all that came of them. */
export async function runFillDemo(
  world: FillWorld,
  voice: Voice,
  { cycles, target }: Extent = WHOLE_DAY,
): Promise<FillResult> {
  const { sql, stack, sites, dayStart } = world;
  const seeds = FILL_SITES.filter(({ isSeed }) => isSeed).length;
  await sayWhatIsWanted(world, target);
  voice.say(
    `  policy    ${
      target.toLocaleString("en-US")
    } vehicles in each cycle of two hours; ${seeds} of ${FILL_SITES.length} sites are named, the others are to be found\n`,
  );
  voice.say(cycleHeading);
  const before = await cpuSeconds(stack, sites);
  const begun = performance.now();
  const ended = await runDay(world, { cycles, target }, {
    progress: (text) => voice.progress(text),
    cycle: (cycle) => voice.say(cycleLine(cycle)),
  });
  const seconds = (performance.now() - begun) / 1000;
  const after = await cpuSeconds(stack, sites);

  voice.progress("  comparing every value with the truth");
  const [daily] = await sql<{ report: Record<string, unknown> }[]>`
    select fill_daily_report(${new Date(dayStart).toISOString().slice(0, 10)}::date) as report`;
  const asked = await sites.log();
  const fates = await readFates(sql, asked);
  const seen = await checkVehicles(sql);
  const used = before && after && usedSince(before, after);
  const checks = [
    ...checkTargets(ended, seen.vehicles, target),
    checkQuality(daily?.report ?? {}),
    ...seen.checks,
    checkFates(fates, cycles),
    checkRefusals(asked),
    checkPace(asked, HOST_INTERVAL_MS),
  ];
  return {
    ok: checks.every(({ problems }) => problems.length === 0),
    seconds,
    cycles: ended,
    daily_report: daily?.report ?? {},
    sources: fates,
    vehicles: seen.vehicles,
    vehicles_per_second: seen.vehicles / seconds,
    cpu_ms_per_vehicle: used && msEach(used, seen.vehicles),
    missing: seen.missing,
    checks,
  };
}
