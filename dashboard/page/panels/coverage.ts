import { html } from "htm/preact";
import { numberIn, textsIn } from "../api/shapes.ts";
import { count, heading, percent, points } from "../parts/words.ts";
import type { PanelDefinition } from "./definition.ts";

export const coverage: PanelDefinition = {
  name: "coverage",
  title: "Coverage",
  question: "Which field got better or worse, this week against the four before",
  rows: "Field",
  stats: ({ summary, rows }) => {
    const fell = textsIn(summary, "fell");
    const isMeasured = rows.length > 0;
    return [
      {
        label: "quality of the last cycle",
        value: percent(numberIn(summary, "data_quality_score")),
        note: "all fields, weighted as the score",
      },
      {
        label: "fields that fell",
        value: count(isMeasured ? fell.length : null),
        note: !isMeasured
          ? "not measured yet"
          : fell.length === 0
          ? "none is under its usual"
          : fell.map(heading).join(", "),
        state: fell.length === 0 ? "ok" : "warn",
      },
    ];
  },
  columns: [
    {
      label: "Held",
      of: ({ values }) => {
        const share = numberIn(values, "completeness");
        return html`<span class="meter-cell"><progress max="1" value=${share ?? 0}
          aria-hidden="true"></progress>${percent(share)}</span>`;
      },
    },
    {
      label: "Change",
      of: ({ values }) => {
        const change = numberIn(values, "change");
        return html`<span class=${change !== null && change <= -0.05 ? "said-bad" : ""}>${
          points(change)
        }</span>`;
      },
    },
    { label: "Usual", wide: true, of: ({ values }) => percent(numberIn(values, "baseline")) },
    { label: "Vehicles", wide: true, of: ({ values }) => count(numberIn(values, "sample_size")) },
    {
      label: "Right, of audited",
      wide: true,
      of: ({ values }) =>
        numberIn(values, "accuracy") === null
          ? "not measured"
          : `${percent(numberIn(values, "accuracy"))} of ${count(numberIn(values, "accuracy_n"))}`,
    },
    {
      label: "Worst at",
      wide: true,
      of: ({ values }) => textsIn(values, "worst_sources").join(", ") || "–",
    },
  ],
  charts: ["completeness"],
};
