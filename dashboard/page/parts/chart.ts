/// <reference lib="dom" />
import { html } from "htm/preact";
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import type { Series } from "../api/shapes.ts";
import { chartData, chartOptions, colourOf, readColours } from "./chart_options.ts";
import { shownSeries } from "./chart_series.ts";
import { stepName } from "./when.ts";
import { compact, heading, percent } from "./words.ts";
import { now } from "./clock.ts";
import { part } from "./part.ts";

const HEIGHT = 132;
const dark = matchMedia("(prefers-color-scheme: dark)");

function Chart({ series }: { series: Series }): VNode {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [theme, setTheme] = useState(dark.matches);
  const subjects = series.y.map(({ subject }) => subject).join("\n");

  useEffect(() => {
    const changed = () => setTheme(dark.matches);
    dark.addEventListener("change", changed);
    return () => dark.removeEventListener("change", changed);
  }, []);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const options = chartOptions(series, readColours(element), setAt);
    const made = new uPlot(
      { ...options, width: Math.max(element.clientWidth, 120), height: HEIGHT },
      chartData(series),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [subjects, series.name, series.kind, series.step, theme]);

  useEffect(() => plot.current?.setData(chartData(series)), [series]);

  const last = series.x.length - 1;
  const shown = at ?? lastKnown(series);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(last, shown + step)));
  };
  const x = series.x[shown];
  return html`
    <figure class="chart">
      <figcaption><strong>${heading(series.name)}</strong> <span>${unitOf(series)}</span>
          <span class="chart-at">${x === undefined
            ? ""
            : `${stepName(x * 1000, series.step)}${
              isUnderWay(x, series.step) ? ", under way" : ""
            }`}</span>
        </figcaption>
      <div class="chart-box" ref=${box} role="img" tabindex="0" aria-label=${spoken(series)}
        onKeyDown=${move} onBlur=${() => setAt(null)}></div>
      <ul class="legend">${series.y.map(({ subject, values }, n) =>
        html`<li key=${subject}><span class=${`swatch ${colourOf(series, n)}`}></span>
        <span class="legend-name">${subject === "all" ? "all together" : subject}</span>
        <b>${valueOf(series, values[shown] ?? null)}</b></li>`
      )}</ul>
    </figure>
  `;
}

function isUnderWay(x: number, step: Series["step"]): boolean {
  return (x + { minute: 60, hour: 3600, day: 86_400 }[step]) * 1000 > now();
}

/** The newest step of which anything is known. */
function lastKnown({ x, y }: Series): number {
  return x.findLastIndex((_, at) => y.some(({ values }) => (values[at] ?? null) !== null));
}

function valueOf(series: Series, value: number | null): string {
  if (value === null) return "–";
  return series.unit === "share" ? percent(value) : compact(value);
}

function unitOf(series: Series): string {
  const unit = series.unit === "share" ? "%" : series.unit;
  return series.kind === "sum" ? `${unit} a ${series.step}` : unit;
}

/** What the chart shows, for who cannot see it. */
function spoken(series: Series): string {
  const subjects = series.y.map(({ subject, values }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${subject}: not measured`;
    const [last = null] = known.slice(-1);
    return `${subject}: last ${valueOf(series, last)}, at most ${
      valueOf(series, Math.max(...known))
    }`;
  });
  return `Chart of ${heading(series.name)}, ${unitOf(series)}. ${
    subjects.join("; ")
  }. Arrow keys move through it.`;
}

/** A chart of sampled values with axes, units, and the values under the pointer. */
export function chart(series: Series | undefined): VNode | null {
  if (series === undefined) return null;
  const shown = shownSeries(series);
  const isEmpty = shown.y.every(({ values }) => values.every((value) => value === null));
  if (!isEmpty) return part(Chart, { series: shown, key: series.name });
  return html`
    <figure key=${series.name} class="chart">
      <figcaption><strong>${heading(series.name)}</strong> <span>${unitOf(
        series,
      )}</span></figcaption>
      <p
        class="chart-box chart-none">Nothing was counted in this range yet: the first counts come within minutes.</p>
    </figure>
  `;
}
