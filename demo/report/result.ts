import type { Check } from "../verify/check.ts";
import type { DemoResult } from "./summary.ts";
import { bar, span, table } from "./table.ts";

const BANDS: readonly [number, number][] = [[85, 100], [75, 84.9], [50, 74.9], [25, 49.9], [
  0,
  24.9,
]];
const BAR_WIDTH = 18;
const MOST_PROBLEMS = 8;

function scores(
  { scores: { before, after, mean_before, mean_after }, vehicles }: DemoResult,
): string {
  const rows = BANDS.map(([from, to]) => {
    const within = (all: readonly number[]) => all.filter((it) => it >= from && it <= to).length;
    const [was, is] = [within(before), within(after)];
    const label = `${from} to ${Math.floor(to)}`.padStart(9);
    const cell = (n: number) => bar(n / vehicles, BAR_WIDTH).padEnd(BAR_WIDTH);
    return [label, String(was), cell(was), String(is), cell(is), from === 85 ? "complete" : ""];
  });
  return table([
    ["score", "before", "", "after", "", ""],
    ...rows,
    ["mean", mean_before.toFixed(1), "", mean_after.toFixed(1), "", ""],
  ], [0, 1, 3]);
}

function fields({ fields }: DemoResult): string {
  const some = (n: number): string => n === 0 ? "" : String(n);
  return table([
    ["field", "before", "after", "filled", "corrected", "cleared"],
    ...fields.filter((it) => it.before + it.after > 0).map((it) => [
      it.field.replaceAll("_", " "),
      String(it.before),
      String(it.after),
      some(it.filled),
      some(it.corrected),
      some(it.cleared),
    ]),
  ], [1, 2, 3, 4, 5]);
}

function reasons({ not_complete }: DemoResult): string {
  return table(
    not_complete.map((it) => [String(it.vehicles), it.state, it.why]),
    [0],
  );
}

/** The checks, a line each; what is wrong stands below it. */
export function checkLines(checks: readonly Check[]): string {
  return checks.map(({ name, seen, problems }) => {
    const line = `  ${problems.length === 0 ? "✓" : "✗"} ${name}${seen === "" ? "" : `: ${seen}`}`;
    const shown = problems.slice(0, MOST_PROBLEMS).map((problem) => `      ${problem}`);
    const more = problems.length - shown.length;
    return [line, ...shown, ...(more > 0 ? [`      and ${more} more`] : [])].join("\n");
  }).join("\n");
}

/** What came in through the pipeline, beside the vehicles with gaps. */
const cameIn = ({ pipeline }: DemoResult): string =>
  pipeline === undefined
    ? ""
    : `\nBeside them ${
      pipeline.imported + pipeline.asked
    } listings were imported, ${pipeline.relistings} of them a second auction of a vehicle;
${
      pipeline.no_vehicles.length + pipeline.feeds.reduce((sum, it) => sum + it.no_vehicles, 0)
    } entries were no vehicles and became none.\n`;

/** The end of the demo, as a person reads it. */
export function resultText(result: DemoResult): string {
  const { states, vehicles } = result;
  const complete = states.complete ?? 0;
  const requests = Object.entries(result.requests).map(([status, n]) => `${status}: ${n}`).join(
    ", ",
  );
  return `
Result: ${complete} of ${vehicles} vehicles are complete, after ${
    result.seconds.toFixed(1)
  } s (and ${span(result.moved_seconds)} by moving time on)
${cameIn(result)}
${scores(result)}

${fields(result)}

Why ${vehicles - complete} are not complete

${reasons(result)}

Checked against what the pages state (answers of the sites by status: ${requests})

${checkLines(result.checks)}
`;
}

export const verdictLine = (ok: boolean): string =>
  ok ? "All is as it must be." : "Something is not as it must be: see the lines marked ✗.";
