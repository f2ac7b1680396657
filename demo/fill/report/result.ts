/** The end of the day: the report, the sources' fate, and what was checked. */
import { checkLines } from "../../report/result.ts";
import { table } from "../../report/table.ts";
import type { Check } from "../../verify/check.ts";
import { type CpuSeconds, totalOf } from "../driver/cpu.ts";
import type { Cycle } from "../driver/day.ts";
import type { Fate } from "../verify/sources.ts";

/** What the demo came to, as `--json` prints it. */
export interface FillResult {
  ok: boolean;
  /** Real seconds, from the first cycle to the end of the last. */
  seconds: number;
  cycles: Cycle[];
  /** fill_daily_report() of the day. */
  daily_report: Record<string, unknown>;
  sources: Fate[];
  vehicles: number;
  vehicles_per_second: number;
  /** Milliseconds of CPU for each vehicle; null where the system does not say. */
  cpu_ms_per_vehicle: CpuSeconds | null;
  /** Values that pages state and the database lacks, by field. */
  missing: Record<string, number>;
  checks: Check[];
}

function fates({ sources }: FillResult): string {
  const rows = sources.toSorted((a, b) => b.vehicles - a.vehicles || a.host.localeCompare(b.host))
    .map((it) => [
      it.host.replace(".example", ""),
      it.behaviour,
      it.lists.replace("_", " "),
      it.found_by?.replace("_", " ") ?? "-",
      it.lifecycle ?? "never heard of",
      String(it.vehicles),
      String(it.requests),
    ]);
  return table([
    ["site", "behaves", "lists by", "found by", "is now", "vehicles", "requests"],
    ...rows,
  ], [5, 6]);
}

function cpu({ cpu_ms_per_vehicle: it, vehicles_per_second }: FillResult): string {
  const speed = `${vehicles_per_second.toFixed(1)} vehicles a second`;
  if (it === null) return speed;
  return `${speed}, ${totalOf(it).toFixed(1)} ms of CPU a vehicle (functions ${
    it.functions.toFixed(1)
  }, Postgres ${it.postgres.toFixed(1)}, API ${it.api.toFixed(1)}, sites ${it.sites.toFixed(1)})`;
}

export function fillResultText(result: FillResult): string {
  const missing = Object.entries(result.missing).map(([field, count]) => `${field} ${count}`);
  return `
The day's report (fill_daily_report)

${JSON.stringify(result.daily_report, null, 2).replace(/^/gm, "  ")}

What became of the sources

${fates(result)}

${result.vehicles} vehicles in ${result.seconds.toFixed(0)} s: ${cpu(result)}
${missing.length === 0 ? "" : `Stated and not held: ${missing.join(", ")}\n`}
${checkLines(result.checks)}
`;
}
