import { numberIn, textIn } from "../api/shapes.ts";
import { when } from "../parts/when.ts";
import { count, span } from "../parts/words.ts";
import type { PanelDefinition } from "./definition.ts";

export const queues: PanelDefinition = {
  name: "queues",
  title: "Queues",
  question: "Work done, work waiting, work given up",
  rows: "Queue or dead letter",
  stats: ({ summary }) => {
    const dead = numberIn(summary, "dead_letters");
    const atLeast = summary.dead_letters_at_least === true ? "at least " : "";
    return [
      {
        label: "done in the last hour",
        value: count(numberIn(summary, "done_last_hour")),
        note: `${count(numberIn(summary, "done_last_day"))} in 24 h`,
      },
      {
        label: "due now",
        value: count(numberIn(summary, "due")),
        note: `${count(numberIn(summary, "processing"))} being worked on`,
      },
      { label: "waiting for their time", value: count(numberIn(summary, "waiting")) },
      {
        label: "dead letters",
        value: `${atLeast}${count(dead)}`,
        note: dead === null
          ? "not measured yet"
          : dead === 0
          ? "nothing was given up"
          : "to put back",
        state: dead === null || dead === 0 ? "ok" : "warn",
      },
    ];
  },
  columns: [
    { label: "Done, 1 h", of: ({ values }) => count(numberIn(values, "done_last_hour")) },
    { label: "Due", of: ({ values }) => count(numberIn(values, "due")) },
    {
      label: "Oldest",
      wide: true,
      of: ({ values }) => {
        const age = numberIn(values, "oldest_due_s");
        return age === null ? "–" : span(age);
      },
    },
    {
      label: "Done, 24 h",
      wide: true,
      of: ({ values }) => count(numberIn(values, "done_last_day")),
    },
    { label: "Waiting", wide: true, of: ({ values }) => count(numberIn(values, "waiting")) },
    { label: "Given up", wide: true, of: ({ values }) => count(numberIn(values, "failed")) },
    { label: "Next due", wide: true, of: ({ values }) => when(textIn(values, "next_due_at")) },
    { label: "By itself", wide: true, of: ({ values }) => when(textIn(values, "queued_again_at")) },
  ],
  worstFirst: true,
  charts: ["queue_done"],
};
