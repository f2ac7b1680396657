import { strict as assert } from "node:assert";
import { type Plan, planDemo } from "../fixtures/plan.ts";
import { createCatalogue } from "../site/catalogue.ts";
import { DEFAULT_COUNTS } from "../site/hosts.ts";
import { checkAuctions, checkFacts, checkImages, type Outcome } from "./facts.ts";
import type { HeldVehicle } from "./held.ts";
import { checkManual, checkStates, checkUnread } from "./rest.ts";

const now = Date.UTC(2026, 10, 22);
const plans = planDemo(createCatalogue({ seed: "demo", counts: DEFAULT_COUNTS, now }));
const nothing: HeldVehicle = {
  id: "",
  columns: {},
  state: "due",
  outcome: null,
  error: null,
  score: 0,
  generatedDescription: false,
  images: 0,
  contents: 0,
  auction: null,
};

/** A vehicle that holds exactly what its page states. */
function perfect(plan: Plan): Outcome {
  const { truth } = plan;
  const before = { ...nothing, columns: plan.row };
  const state = plan.ends[0] ?? "complete";
  if (plan.unread) return { plan, before, after: { ...before, state }, manual: null };
  const { auction } = truth;
  const after: HeldVehicle = {
    ...nothing,
    state,
    columns: truth.facts,
    images: truth.images.length,
    contents: truth.images.length,
    auction: auction && {
      outcome: auction.outcome,
      sale_price: auction.salePrice,
      high_bid: auction.highBid,
      bid_count: auction.bidCount,
      comment_count: auction.commentCount,
      ends_at: auction.endsAt,
      bids: auction.bidCount,
      comments: auction.commentCount,
    },
  };
  return { plan, before, after, manual: null };
}

const plain = plans.filter((plan) => !plan.scenario?.image);
const outcomes = plain.map(perfect);
const all = (them: Outcome[]) => [
  checkStates(them),
  ...checkFacts(them),
  checkAuctions(them),
  checkImages(them),
  checkUnread(them),
  checkManual(them),
];
const failing = (them: Outcome[]) =>
  all(them).filter((check) => check.problems.length > 0).map((check) => check.name);

/** The outcomes with one vehicle changed: the first that fits. */
function spoiled(fits: (outcome: Outcome) => boolean, change: (outcome: Outcome) => Outcome) {
  const place = outcomes.findIndex(fits);
  assert.ok(place >= 0);
  return outcomes.map((it, i) => i === place ? change(it) : it);
}
const read = ({ plan }: Outcome) => !plan.unread && plan.listing.auction !== null;
const holding = (columns: Record<string, unknown>) => (it: Outcome): Outcome => ({
  ...it,
  after: { ...it.after, columns: { ...it.after.columns, ...columns } },
});

Deno.test("a database that holds what the pages state passes every check", () => {
  assert.deepEqual(failing(outcomes), []);
});

Deno.test("a wrong value, a missing one, and one that no page states are each found", () => {
  assert.deepEqual(failing(spoiled(read, holding({ mileage: 1 }))), ["no value is wrong"]);
  assert.deepEqual(failing(spoiled(read, holding({ year: null }))), [
    "nothing that a page states is missing",
  ]);
  const unsold = ({ plan }: Outcome) => plan.truth.auction?.outcome === "bid_to" && !plan.unread;
  assert.deepEqual(failing(spoiled(unsold, holding({ sale_price: 99_000 }))), [
    "no value is wrong",
  ]);
});

Deno.test("a lost bid, an image stored twice and a wrong end are found", () => {
  const bids = (it: Outcome): Outcome => ({
    ...it,
    after: { ...it.after, auction: it.after.auction && { ...it.after.auction, bids: 999 } },
  });
  assert.match(failing(spoiled(read, bids)).join(), /every auction/);
  const twice = (it: Outcome): Outcome => ({
    ...it,
    after: { ...it.after, images: it.after.images + 1 },
  });
  assert.match(failing(spoiled(read, twice)).join(), /every image is stored/);
  const due = (it: Outcome): Outcome => ({ ...it, after: { ...it.after, state: "due" } });
  assert.match(failing(spoiled(read, due)).join(), /every vehicle ends/);
});

Deno.test("a value taken from a page that is no listing is found", () => {
  const names = failing(spoiled(({ plan }) => plan.unread, holding({ vin: "WP0AB0910HS134623" })));
  assert.deepEqual(names, ["nothing is taken from a page that is no listing"]);
});

Deno.test("a value set by a person that was replaced is found", () => {
  const manual = (it: Outcome): Outcome => ({ ...it, manual: { field: "color", value: "Mine" } });
  assert.match(failing(spoiled(read, manual)).join(), /what a person set/);
});
