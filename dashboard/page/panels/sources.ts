import { numberIn, objectIn, textIn } from "../api/shapes.ts";
import { addSourceForm } from "../parts/forms.ts";
import { count, percent } from "../parts/words.ts";
import type { PanelDefinition } from "./definition.ts";

export const sources: PanelDefinition = {
  name: "sources",
  title: "Sources",
  question: "How far each site is trusted, and how it does against its own usual",
  rows: "Source",
  stats: ({ summary }) => {
    const toReview = numberIn(summary, "to_review");
    return [
      {
        label: "active",
        value: count(numberIn(summary, "active")),
        note: `${count(numberIn(summary, "probation"))} on probation`,
      },
      {
        label: "degraded",
        value: count(numberIn(summary, "degraded")),
        note: `${count(numberIn(summary, "drifting"))} changed their markup`,
        state: (numberIn(summary, "degraded") ?? 0) > 0 ? "warn" : "ok",
      },
      {
        label: "wait for you",
        value: count(toReview),
        note: `${count(numberIn(summary, "candidates"))} candidates`,
        state: (toReview ?? 0) > 0 ? "warn" : "ok",
      },
    ];
  },
  columns: [
    { label: "Vehicles", of: ({ values }) => count(numberIn(values, "vehicles")) },
    { label: "Read", of: ({ values }) => percent(numberIn(values, "success_rate")) },
    {
      label: "Usually read",
      wide: true,
      of: ({ values }) => percent(numberIn(values, "baseline_success_rate")),
    },
    { label: "Quality", wide: true, of: ({ values }) => percent(numberIn(values, "quality")) },
    {
      label: "Usual quality",
      wide: true,
      of: ({ values }) => percent(numberIn(values, "baseline_quality")),
    },
    {
      label: "Complete",
      wide: true,
      of: ({ values }) => percent(numberIn(values, "complete_share")),
    },
    {
      label: "Believed up to",
      wide: true,
      of: ({ values }) => percent(numberIn(values, "confidence_cap")),
    },
    {
      label: "Not readable",
      wide: true,
      of: ({ values }) => {
        const drift = objectIn(values, "drift");
        const unreadable = numberIn(drift, "unreadable");
        return unreadable === null ? "–" : `${count(unreadable)} pages`;
      },
    },
    { label: "Kind", wide: true, of: ({ values }) => textIn(values, "kind") ?? "–" },
  ],
  charts: ["vehicles_added"],
  below: (_, refresh) => addSourceForm(refresh),
};
