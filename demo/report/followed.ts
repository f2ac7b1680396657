import type { Fate } from "../site/followed.ts";
import type { FollowedHeld, HistoryLine } from "../verify/followed.ts";
import { table } from "./table.ts";

/** Before it. */
export const followedIntro = "Looking again: process-import-queue, check-listings";

const TOLD: Record<Fate, string> = {
  on_three_sites: "on three sites",
  price_drops_twice: "price drops twice",
  vanishes: "vanishes",
  back_as_auction: "back as an auction",
};
/** The car whose history is shown line by line. */
const SHOWN: Fate = "back_as_auction";

const money = ({ price, currency }: HistoryLine): string =>
  price === null ? "" : `${price.toLocaleString("en-US")} ${currency ?? ""}`.trim();

function told({ fate, listings, history }: FollowedHeld): string {
  const prices = history.filter(({ event }) => event === "seen" || event === "price_changed");
  return fate === "price_drops_twice"
    ? prices.map(money).join(", ")
    : listings.map((it) => it.replace("_", " ")).join(", ");
}

/** What became of the followed cars, as a person reads it, and the history of one of them. */
export function followedText(cars: readonly FollowedHeld[]): string {
  const rows = cars.map((car) => [TOLD[car.fate], told(car)]);
  const shown = cars.find(({ fate }) => fate === SHOWN);
  const history = shown?.history ?? [];
  return `${table(rows)}

  vehicle_history() of the ${shown?.name} that is ${TOLD[SHOWN]}
${
    table(history.map((it) => [it.at.slice(0, 10), it.event, it.source, it.status, money(it)]), [4])
  }\n`;
}
