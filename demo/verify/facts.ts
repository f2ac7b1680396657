import type { Plan } from "../fixtures/plan.ts";
import { type Check, counted } from "./check.ts";
import { compare } from "./compare.ts";
import type { HeldVehicle } from "./held.ts";

/** A planned vehicle and what became of it. */
export interface Outcome {
  plan: Plan;
  before: HeldVehicle;
  after: HeldVehicle;
  /** A value that a person set after the import, which must stand. */
  manual: { field: string; value: unknown } | null;
}

const read = (outcomes: readonly Outcome[]): Outcome[] => outcomes.filter((it) => !it.plan.unread);
const at = ({ plan }: Outcome): string => plan.listing.url;

/** Every value held of a page that was read, against what the page states. */
export function checkFacts(outcomes: readonly Outcome[]): Check[] {
  let right = 0;
  const wrong: string[] = [];
  const missing: string[] = [];
  for (const outcome of read(outcomes)) {
    const { after, plan, manual } = outcome;
    for (const it of compare(after.columns, plan.truth, after.generatedDescription)) {
      if (it.field === manual?.field) continue;
      // Damaged bytes stand in the text of such a page: its description may differ by them.
      if (plan.scenario?.page?.kind === "wrong_charset" && it.field === "description") continue;
      if (it.verdict === "right") right++;
      const line = `${at(outcome)} ${it.field}: ${it.held ?? "nothing"}, the page states ${
        it.stated ?? "nothing"
      }`;
      if (it.verdict === "missing") missing.push(line);
      if (it.verdict === "wrong" || it.verdict === "extra") wrong.push(line);
    }
  }
  return [
    { name: "no value is wrong", seen: counted(right, "right value"), problems: wrong },
    { name: "nothing that a page states is missing", seen: "", problems: missing },
  ];
}

/** The record of every auction, with its bids and comments. */
export function checkAuctions(outcomes: readonly Outcome[]): Check {
  const problems: string[] = [];
  let bids = 0;
  let comments = 0;
  const auctions = read(outcomes).filter((it) => it.plan.truth.auction);
  for (const outcome of auctions) {
    const stated = outcome.plan.truth.auction;
    const held = outcome.after.auction;
    if (!stated) continue;
    if (!held) {
      problems.push(`${at(outcome)} no record of the auction`);
      continue;
    }
    bids += held.bids;
    comments += held.comments;
    const number = (value: string | number | null) => value === null ? null : Number(value);
    const pairs: [string, unknown, unknown][] = [
      ["outcome", held.outcome, stated.outcome],
      ["sale price", number(held.sale_price), stated.salePrice],
      ["high bid", number(held.high_bid), stated.highBid],
      ["bid count", held.bid_count, stated.bidCount],
      ["comment count", held.comment_count, stated.commentCount],
      ["bids stored", held.bids, stated.bidCount],
      ["comments stored", held.comments, stated.commentCount],
      ["end", held.ends_at && Date.parse(held.ends_at), Date.parse(stated.endsAt)],
    ];
    for (const [what, is, must] of pairs) {
      if (is !== must) problems.push(`${at(outcome)} ${what}: ${is}, must be ${must}`);
    }
  }
  return {
    name: "every auction has its outcome, prices, bids and comments",
    seen: `${counted(auctions.length, "auction")}, ${counted(bids, "bid")}, ${
      counted(comments, "comment")
    }`,
    problems,
  };
}

/** Stored images: all that the gallery shows and can be had, none twice. */
export function checkImages(outcomes: readonly Outcome[]): Check {
  const problems: string[] = [];
  let stored = 0;
  for (const outcome of read(outcomes)) {
    const { plan, after } = outcome;
    stored += after.images;
    const fault = plan.scenario?.image;
    const lost = fault?.fault.kind !== "html_as_image"
      ? 0
      : fault.which === "all"
      ? plan.truth.images.length
      : 1;
    // A photograph that was lost under one address may stand under another.
    const again = plan.listing.images.length > plan.truth.images.length && lost === 1 ? 1 : 0;
    const must = plan.truth.images.length - lost + again;
    if (after.images !== must || after.contents !== must) {
      problems.push(`${at(outcome)} ${after.images} images stored, must be ${must}`);
    }
  }
  return { name: "every image is stored, none twice", seen: counted(stored, "image"), problems };
}
