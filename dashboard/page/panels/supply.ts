import { numberIn, textIn } from "../api/shapes.ts";
import { when } from "../parts/when.ts";
import { count } from "../parts/words.ts";
import type { PanelDefinition } from "./definition.ts";

export const supply: PanelDefinition = {
  name: "supply",
  title: "Supply",
  question: "What came in, and from where",
  rows: "Site or list",
  stats: ({ summary }) => [
    {
      label: "listings found today",
      value: count(numberIn(summary, "new_listings_today")),
      note: `yesterday ${count(numberIn(summary, "new_listings_yesterday"))}`,
    },
    {
      label: "vehicles added today",
      value: count(numberIn(summary, "vehicles_added_today")),
      note: `yesterday ${count(numberIn(summary, "vehicles_added_yesterday"))}`,
    },
    {
      label: "lists that fail",
      value: count(numberIn(summary, "feeds_failing")),
      note: `of ${count(numberIn(summary, "feeds"))} checked, ${
        count(numberIn(summary, "feeds_off"))
      } off`,
      state: (numberIn(summary, "feeds_failing") ?? 0) > 0 ? "warn" : "ok",
    },
  ],
  columns: [
    { label: "Listings today", of: ({ values }) => count(numberIn(values, "listings_today")) },
    { label: "Vehicles today", of: ({ values }) => count(numberIn(values, "vehicles_today")) },
    { label: "Usual", wide: true, of: ({ values }) => count(numberIn(values, "listings_usual")) },
    {
      label: "Listings yesterday",
      wide: true,
      of: ({ values }) => count(numberIn(values, "listings_yesterday")),
    },
    {
      label: "Checked next",
      wide: true,
      of: ({ values }) => when(textIn(values, "next_check_at")),
    },
  ],
  charts: ["listings_found"],
};
