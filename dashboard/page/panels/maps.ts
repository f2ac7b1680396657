import { numberIn, textIn, textsIn } from "../api/shapes.ts";
import { count, percent } from "../parts/words.ts";
import type { PanelDefinition } from "./definition.ts";

export const maps: PanelDefinition = {
  name: "maps",
  title: "Maps",
  question: "What was learned of sites that changed, and what reads by it",
  rows: "Map or job",
  stats: ({ summary }) => [
    { label: "serving", value: count(numberIn(summary, "serving")), note: "read pages" },
    { label: "in shadow", value: count(numberIn(summary, "shadow")), note: "only compared" },
    { label: "being learned", value: count(numberIn(summary, "jobs_open")) },
  ],
  columns: [
    { label: "Fields", of: ({ values }) => count(textsIn(values, "fields").length) },
    { label: "Compared", of: ({ values }) => count(numberIn(values, "compared")) },
    { label: "Agree", wide: true, of: ({ values }) => agreement(values) },
    { label: "Version", wide: true, of: ({ values }) => count(numberIn(values, "version")) },
    {
      label: "Learned from",
      wide: true,
      of: ({ values }) => `${count(numberIn(values, "support"))} pages`,
    },
    {
      label: "Errors held out",
      wide: true,
      of: ({ values }) =>
        `${count(numberIn(values, "errors"))} of ${count(numberIn(values, "held_out"))}`,
    },
    {
      label: "It reads",
      wide: true,
      of: ({ values }) => textsIn(values, "fields").join(", ") || "–",
    },
    { label: "Cause", wide: true, of: ({ values }) => textIn(values, "cause") ?? "–" },
  ],
  charts: [],
};

function agreement(values: Record<string, unknown>): string {
  const [compared, agree] = [numberIn(values, "compared"), numberIn(values, "agree")];
  return compared === null || agree === null || compared === 0 ? "–" : percent(agree / compared);
}
