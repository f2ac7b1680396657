import { numberIn, textIn } from "../api/shapes.ts";
import { when } from "../parts/when.ts";
import { count, span } from "../parts/words.ts";
import type { PanelDefinition } from "./definition.ts";

export const hosts: PanelDefinition = {
  name: "hosts",
  title: "Hosts",
  question: "Which site is in the way, and until when",
  rows: "Host",
  stats: ({ summary }) => [
    {
      label: "requests in 24 h",
      value: count(numberIn(summary, "requests_24h")),
      note: `${count(numberIn(summary, "served_24h"))} served`,
    },
    {
      label: "not asked for now",
      value: count(numberIn(summary, "open")),
      note: `of ${count(numberIn(summary, "hosts"))} hosts`,
      state: (numberIn(summary, "open") ?? 0) > 0 ? "warn" : "ok",
    },
    { label: "slowed down", value: count(numberIn(summary, "slowed")) },
  ],
  columns: [
    {
      label: "Pace",
      wide: true,
      of: ({ values }) => {
        const ms = numberIn(values, "interval_ms");
        if (ms === null) return "–";
        return ms === 0 ? "no limit" : `1 in ${span(ms / 1000)}`;
      },
    },
    { label: "Until", of: (row) => row.until ? when(row.until) : "–" },
    { label: "Breaker", wide: true, of: ({ values }) => textIn(values, "breaker") ?? "–" },
    {
      label: "Pace because",
      wide: true,
      of: ({ values }) => textIn(values, "interval_because") ?? "–",
    },
    { label: "Last answer", wide: true, of: ({ values }) => textIn(values, "last_outcome") ?? "–" },
    { label: "Answered", wide: true, of: ({ values }) => when(textIn(values, "last_answered_at")) },
    {
      label: "Requests, 24 h",
      wide: true,
      of: ({ values }) => count(numberIn(values, "requests_24h")),
    },
    { label: "Refused", wide: true, of: ({ values }) => count(numberIn(values, "refused_24h")) },
    { label: "Errors", wide: true, of: ({ values }) => count(numberIn(values, "errors_24h")) },
  ],
  charts: ["requests"],
};
