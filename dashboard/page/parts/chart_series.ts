import type { Series } from "../api/shapes.ts";

/** More lines than these cannot be told apart. */
const MOST_LINES = 5;

/**
 * What of a series is drawn: sums by subject, with what is left of all together as "others", so that they stand on one
 * another; of anything else its first subjects.
 */
export function shownSeries(series: Series): Series {
  const [all, ...rest] = series.y;
  if (series.kind !== "sum") return { ...series, y: series.y.slice(0, MOST_LINES) };
  if (all === undefined || rest.length === 0) return series;
  // Who had none in the whole range takes no room in the legend.
  const named = (all.subject === "all" ? rest : series.y)
    .filter(({ values }) => values.some((value) => value !== null && value > 0));
  if (all.subject !== "all") return { ...series, y: named.length === 0 ? [all] : named };
  const others = all.values.map((value, at) =>
    value === null
      ? null
      : Math.max(0, named.reduce((left, { values }) => left - (values[at] ?? 0), value))
  );
  const isAnyLeft = others.some((value) => value !== null && value > 0);
  if (named.length === 0) return { ...series, y: [all] };
  return { ...series, y: isAnyLeft ? [...named, { subject: "others", values: others }] : named };
}
