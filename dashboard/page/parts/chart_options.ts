/// <reference lib="dom" />
/** How sampled values are drawn. */
import uPlot from "uplot";
import type { Series } from "../api/shapes.ts";
import { compact } from "./words.ts";

const COLOURS = 6;
const STEP_S = { minute: 60, hour: 3600, day: 86_400 };

/** The class of a subject's colour; subjects of one meaning have that meaning's colour. */
export function colourOf(series: Series, n: number): string {
  const subject = series.y[n]?.subject ?? "";
  const meant = {
    served: "tone-ok",
    refused: "tone-warn",
    errors: "tone-bad",
    failed: "tone-bad",
    others: "tone-rest",
  }[subject];
  return meant ?? `tone-${n % COLOURS}`;
}

/** The colours of the style sheet, which knows light and dark. */
export function readColours(element: Element): (name: string) => string {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(`--${name}`).trim() || "#888";
}

/** Sums of several subjects stand on one another; what was not sampled is a gap. */
export function chartData(series: Series): uPlot.AlignedData {
  if (!isStacked(series)) return [series.x, ...series.y.map(({ values }) => values)];
  const sums = series.x.map(() => 0);
  const stacked = series.y.map(({ values }) =>
    series.x.map((_, at) => {
      const value = values[at] ?? null;
      if (value !== null) sums[at] = (sums[at] ?? 0) + value;
      return value === null ? null : sums[at] ?? null;
    })
  );
  // The highest is drawn first, and the lower ones over it.
  return [series.x, ...stacked.reverse()];
}

const isStacked = (series: Series) => series.kind === "sum" && series.y.length > 1;

export function chartOptions(
  series: Series,
  colour: (name: string) => string,
  onPoint: (index: number | null) => void,
): Omit<uPlot.Options, "width" | "height"> {
  const axis: uPlot.Axis = {
    stroke: colour("text-quiet"),
    font: "11px system-ui, sans-serif",
    grid: { stroke: colour("line"), width: 1 },
    ticks: { show: false },
  };
  const bars = uPlot.paths.bars?.({ size: [0.8, 28], align: 1 });
  const subjects = series.y.map((_, n) => colour(colourOf(series, n)));
  const drawn = isStacked(series) ? subjects.toReversed() : subjects;
  return {
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    // Days are those of UTC, everything shorter is in the time zone of who looks.
    tzDate: (seconds) =>
      series.step === "day"
        ? uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC")
        : new Date(seconds * 1000),
    scales: {
      x: { time: true, range: (_, first, last) => [first, last + STEP_S[series.step]] },
      y: { range: (_, _least, most) => [0, top(most, series.unit)] },
    },
    axes: [
      { ...axis, grid: { show: false }, values: timesOf(series), size: 26, space: 64 },
      {
        ...axis,
        size: 44,
        space: 34,
        values: (_, splits) =>
          splits.map((value) =>
            series.unit === "share" ? `${Math.round(value * 100)} %` : compact(value)
          ),
      },
    ],
    series: [
      {},
      ...drawn.map((stroke): uPlot.Series =>
        series.kind === "sum" && bars !== undefined
          ? { paths: bars, fill: stroke, stroke, width: 0, points: { show: false } }
          : { stroke, width: 1.75, spanGaps: false, points: { show: false } }
      ),
    ],
    hooks: {
      setCursor: [
        (plot) =>
          onPoint(
            plot.cursor.left !== undefined && plot.cursor.left >= 0
              ? plot.cursor.idx ?? null
              : null,
          ),
      ],
    },
  };
}

/** The top of the axis: a little air over the highest, and never a flat line at the top of nothing. */
function top(most: number | null, unit: string): number {
  if (unit === "share") return 1;
  return most === null || most <= 0 ? 1 : most * 1.08;
}

const hour = new Intl.DateTimeFormat("en", {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const utcDay = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC" });
const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });

function timesOf({ step }: Series): (plot: uPlot, splits: number[]) => string[] {
  return (_, splits) =>
    splits.map((seconds) => {
      const time = new Date(seconds * 1000);
      if (step === "day") return utcDay.format(time);
      const isMidnight = time.getHours() === 0 && time.getMinutes() === 0;
      return isMidnight ? day.format(time) : hour.format(time);
    });
}
