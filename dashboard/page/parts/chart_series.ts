import type { Series } from "../api/shapes.ts";

/** More lines than these cannot be told apart. */
const MOST_LINES = 5;

/**
 * What of a series is drawn: sums by subject, with what is left of all together as "others", so that they stand on one
 * another; of anything else its first subjects.
 */
export function shownSeries(series: Series): Series {
  const [all] = series.y;
  if (series.kind !== "sum" || all?.subject !== "all" || series.y.length === 1) {
    return { ...series, y: series.y.slice(0, series.kind === "sum" ? undefined : MOST_LINES) };
  }
  const named = series.y.slice(1);
  const others = all.values.map((value, at) =>
    value === null
      ? null
      : Math.max(0, named.reduce((left, { values }) => left - (values[at] ?? 0), value))
  );
  const isAnyLeft = others.some((value) => value !== null && value > 0);
  const y = isAnyLeft ? [...named, { subject: "others", values: others }] : named;
  return { ...series, y };
}
