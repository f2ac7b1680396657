import { numberIn, objectIn, type Panel, textIn } from "../api/shapes.ts";
import { costRateForm } from "../parts/forms.ts";
import { compact, count, megabytes, money as price } from "../parts/words.ts";
import type { PanelDefinition, Stat } from "./definition.ts";

export const money: PanelDefinition = {
  name: "money",
  title: "Money",
  question: "What it costs, in the currency of your rates",
  rows: "Site, yesterday",
  stats: (panel) => panel.summary.rates_known === true ? priced(panel) : counted(panel),
  columns: [
    { label: "Price", of: ({ values }) => price(numberIn(values, "price_yesterday")) },
    { label: "A vehicle", of: ({ values }) => price(numberIn(values, "price_per_vehicle")) },
    {
      label: "Today so far",
      wide: true,
      of: ({ values }) => price(numberIn(values, "price_today")),
    },
    { label: "Vehicles", wide: true, of: ({ values }) => count(numberIn(values, "vehicles")) },
    { label: "Requests", wide: true, of: ({ values }) => count(numberIn(values, "requests")) },
    { label: "Fetched", wide: true, of: ({ values }) => megabytes(numberIn(values, "mb_fetched")) },
    { label: "Stored", wide: true, of: ({ values }) => megabytes(numberIn(values, "mb_stored")) },
    {
      label: "Invocations",
      wide: true,
      of: ({ values }) => count(numberIn(values, "invocations")),
    },
  ],
  charts: ["price", "requests"],
  below: (panel, refresh) => costRateForm(ratesHeld(panel), refresh),
};

/** The rate of each item as it stands. */
function ratesHeld({ summary }: Panel): Record<string, string> {
  const items = objectIn(summary, "items");
  return Object.fromEntries(
    Object.keys(items).map((item) => [item, textIn(objectIn(items, item), "seen") ?? "no rate"]),
  );
}

function priced({ summary }: Panel): Stat[] {
  return [
    {
      label: "yesterday",
      value: price(numberIn(summary, "yesterday")),
      note: `today so far ${price(numberIn(summary, "today"))}`,
    },
    { label: "in 30 days", value: price(numberIn(summary, "days_30")) },
    { label: "a vehicle, in 30 days", value: price(numberIn(summary, "per_vehicle_30")) },
  ];
}

/** Without rates nothing has a price: what was used is shown, and how a rate is given. */
function counted({ summary }: Panel): Stat[] {
  const items = objectIn(summary, "items");
  const used = (item: string, label: string): Stat => {
    const one = objectIn(items, item);
    const [yesterday, today] = [numberIn(one, "n_yesterday"), numberIn(one, "n_today")];
    return {
      label,
      value: yesterday === null ? "–" : compact(yesterday),
      note: `today so far ${today === null ? "–" : compact(today)}`,
    };
  };
  return [
    used("request", "requests yesterday"),
    used("gb_fetched", "GB fetched yesterday"),
    used("invocation", "invocations yesterday"),
    { label: "price", value: "no rates", note: "give one below", state: "warn" },
  ];
}
