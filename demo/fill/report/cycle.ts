/** A cycle in one line, as it ends. */
import type { Cycle } from "../driver/day.ts";

const WIDTHS = [6, 7, 8, 9, 9, 8];

export const cycleHeading = `  ${
  ["slot", "added", "queued", "sources", "quality", "verdict"]
    .map((word, at) => at === 0 ? word.padEnd(WIDTHS[0] ?? 0) : word.padStart(WIDTHS[at] ?? 0))
    .join("")
}  what it decided`;

const several = (count: number, of: string): string => `${of} ×${count}`;

/** What a cycle decided: sources first, then how often each other lever was moved. */
function decided({ decisions, moves, sources_discovered }: Cycle): string {
  const became = new Map<string, number>();
  for (const { to } of moves) became.set(to, (became.get(to) ?? 0) + 1);
  const sources = [...became].map(([to, count]) => `${count} ${to}`);
  const levers = Object.entries(decisions).filter(([lever]) => lever !== "lifecycle")
    .map(([lever, count]) => several(count, lever.replaceAll("_", " ")));
  const found = sources_discovered ? [`${sources_discovered} taken in`] : [];
  return [...found, ...sources, ...levers].join(", ") || "nothing";
}

export function cycleLine(cycle: Cycle): string {
  const { slot, vehicles_added, vehicles_queued, sources_active, on_target } = cycle;
  const cells = [
    slot.toISOString().slice(11, 16),
    String(vehicles_added ?? "-"),
    String(vehicles_queued ?? "-"),
    String(sources_active ?? "-"),
    cycle.data_quality_score === null ? "-" : Number(cycle.data_quality_score).toFixed(2),
    on_target ? "✓" : cycle.verdict?.replace("_limited", "") ?? cycle.status,
  ];
  const line = cells.map((cell, at) =>
    at === 0 ? cell.padEnd(WIDTHS[0] ?? 0) : cell.padStart(WIDTHS[at] ?? 0)
  ).join("");
  const errors = cycle.errors.slice(0, 2).map((error) => `\n        error: ${error.slice(0, 160)}`);
  return `  ${line}  ${decided(cycle)} (${cycle.seconds.toFixed(0)} s)${errors.join("")}`;
}
