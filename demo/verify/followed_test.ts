import { strict as assert } from "node:assert";
import { followedText } from "../report/followed.ts";
import { checkFollowed, type FollowedHeld, type HistoryLine } from "./followed.ts";

const DEALER = "https://classics.example/cars/x-1";
const AUCTION = "https://bringatrailer.com/listing/x-1/";

const line = (event: string, price: number | null, more: Partial<HistoryLine> = {}) => ({
  at: "2026-11-20T10:00:00Z",
  event,
  source: "classics.example",
  kind: "dealer",
  status: "for_sale",
  price,
  currency: "USD",
  ...more,
});

function held(fate: FollowedHeld["fate"], more: Partial<FollowedHeld>): FollowedHeld {
  return {
    fate,
    urls: [DEALER],
    stated: { sale_status: "for_sale", asking_price: 900 },
    vehicles: 1,
    name: "1996 Toyota Supra",
    discovery_url: DEALER,
    listing_url: DEALER,
    sale_status: "for_sale",
    asking_price: 900,
    high_bid: null,
    sale_price: null,
    listings: ["dealer for_sale"],
    history: [],
    drops: [],
    ...more,
  };
}
const urls = [DEALER, AUCTION];
const auction = { urls, listing_url: AUCTION, asking_price: null };

const THREE = held("on_three_sites", {
  ...auction,
  stated: { sale_status: "live", high_bid: 800 },
  sale_status: "live",
  high_bid: 800,
  listings: ["dealer for_sale", "classified for_sale", "auction live"],
  history: [line("seen", 900), line("seen", 900), line("seen", 800, { status: "live" })],
});
const DROPS = held("price_drops_twice", {
  history: [line("seen", 1000), line("price_changed", 950), line("price_changed", 900)],
  drops: [950, 900],
});
const GONE = held("vanishes", {
  sale_status: null,
  listings: ["dealer removed"],
  history: [line("seen", 900), line("removed", 900, { status: "removed" })],
});
const BACK = held("back_as_auction", {
  ...auction,
  stated: { sale_status: "sold", high_bid: 800, sale_price: 800 },
  sale_status: "sold",
  high_bid: 800,
  sale_price: 800,
  listings: ["dealer removed", "auction sold"],
  history: [line("seen", 900), line("removed", 900), line("seen", 800, { status: "sold" })],
});

const problems = (...cars: FollowedHeld[]) => checkFollowed(cars).problems;

Deno.test("followed cars that are held as their pages were seen pass", () => {
  const { seen, problems } = checkFollowed([THREE, DROPS, GONE, BACK]);
  assert.deepEqual(problems, []);
  assert.equal(seen, "6 listings, 11 events");
});

Deno.test("a second vehicle, a lost drop, a sale that nobody saw and an old offer are found", () => {
  const two = { ...THREE, vehicles: 2 };
  const lost = { ...DROPS, drops: [900] };
  const sold = { ...GONE, sale_status: "sold", listings: ["dealer sold"] };
  const old = { ...BACK, asking_price: 900 };
  assert.deepEqual(problems(two, lost, sold, old), [
    `${DEALER} vehicles: 2, must be 1: on_three_sites`,
    `${DEALER} price_drops: 900, must be 950, 900: price_drops_twice`,
    `${DEALER} listings: dealer sold, must be dealer removed: vanishes`,
    `${DEALER} sale_status: sold, must be null: vanishes`,
    `${DEALER} asking_price: 900, must be null: back_as_auction`,
  ]);
});

Deno.test("a car that was not followed is missed", () => {
  assert.deepEqual(problems(THREE, DROPS, GONE), ["3 cars were followed"]);
});

Deno.test("what became of them is told in lines of 80 columns", () => {
  const text = followedText([THREE, DROPS, GONE, BACK]);
  assert.match(text, /price drops twice {4}1,000 USD, 950 USD, 900 USD/);
  assert.match(text, /2026-11-20 {3}removed/);
  for (const one of text.split("\n")) assert.ok(one.length <= 80, one);
});
