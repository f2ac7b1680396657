import { DOUBT } from "../../extraction/confidence.ts";
import type { FactBook } from "../../extraction/fact_book.ts";
import { hasKnownModels } from "../../vehicle/models.ts";
import { keyOf } from "../../vehicle/tokens.ts";
import { modelYearsOf } from "../../vehicle/vin_year.ts";
import { tooEarly } from "../../vehicle/makers_since.ts";
import { makeOfYear } from "./make_years.ts";
import { addModel, type Place, type PlaceReading, WAYS } from "./seller_model.ts";
import { addOwnName, ownNameOf } from "./seller_own_name.ts";
import { type NamedVehicle, readSellerTitle } from "./seller_title.ts";

/** The places of a post that name its vehicle. */
interface IdentityPlaces {
  title: string;
  /** The year that was chosen from the form's list. */
  formYear: number | null;
  /** The line for make and model, as it was typed. */
  formText: string;
  /** `readSellerTitle` of the title and of that line. */
  titled: NamedVehicle;
  formed: NamedVehicle;
  description: string;
  /** A VIN whose check digit is right. */
  vin: string | null;
  /** What the site decoded from the VIN. */
  decoded?: { year: number | null; make: string | null };
  /** The year in which the post was written: no model is newer than the next. */
  posted: number | null;
}

interface Identity {
  year: number | null;
  make: string | null;
  model: string | null;
}

interface Vote<T> {
  value: T;
  weight: number;
  place: Place | "vin";
  /** Factor on the confidence of this place. */
  doubt: number;
  evidence: string;
}

/**
 * Year, make, model and trim out of what a seller wrote in several places. Each place is a vote;
 * the value with the most weight wins, and what the others say is kept as evidence against it.
 */
export function addIdentity(facts: FactBook, places: IdentityPlaces): Identity {
  const readings = readPlaces(places);
  const years = yearVotes(readings, places);
  const year = winnerOf(years);
  for (const vote of years) {
    facts.add("year", vote.value, WAYS[vote.place], vote.evidence, {
      doubt: doubtOf(vote, year ?? 0),
    });
  }
  const own = year === null || places.decoded?.make ? null : ownNameOf(places);
  if (own !== null) {
    addOwnName(facts, own, places.formText);
    return { year, make: own.make, model: own.model };
  }
  const makes = makeVotes(readings, year, places.decoded?.make ?? null);
  const make = winnerOf(makes);
  for (const vote of makes) {
    facts.add("make", vote.value, WAYS[vote.place], vote.evidence, {
      doubt: doubtOf(vote, make ?? ""),
    });
  }
  const model = make === null ? null : addModel(facts, readings, make, year);
  return { year, make, model };
}

function readPlaces(places: IdentityPlaces): PlaceReading[] {
  const { titled, formed } = places;
  const body = sentenceWithYear(places.description);
  const readings: PlaceReading[] = [
    { place: "title", named: titled, evidence: `title "${places.title}"` },
    { place: "form", named: formed, evidence: `make and model "${places.formText}"` },
  ];
  const named = readSellerTitle(body);
  // Running text names a vehicle by its maker, or by a model right behind the year.
  if (named.makeFrom === "named" || (named.makeFrom === "model" && named.year !== null)) {
    readings.push({ place: "description", named, evidence: `description "${body.slice(0, 60)}"` });
  }
  return readings;
}

/** Where the text first names a year and behind it a vehicle; else its first words. */
function sentenceWithYear(description: string): string {
  const text = description.slice(0, 1_200);
  for (
    const match of text.matchAll(
      /(?<![\d$,.\/])(?:['’]?\b)((?:19|20)\d{2}|\d{2})(?:\.5)?\s+[A-Za-z]/g,
    )
  ) {
    if (
      /\b(?:trade for|looking for|interested in)\s(?:\S+\s){0,3}$/i.test(text.slice(0, match.index))
    ) continue;
    const piece = (text.slice(match.index, match.index + 90).split(/[\n|]|\.\s/, 1)[0] ?? "")
      .replace(/^(\d{4})\.5/, "$1");
    const { year, make, model } = readSellerTitle(piece);
    if (year !== null && (make !== null || model !== null)) return piece;
  }
  return (text.slice(0, 90).split(/[\n|]|\.\s/, 1)[0] ?? "").trim();
}

function yearVotes(readings: readonly PlaceReading[], places: IdentityPlaces): Vote<number>[] {
  const votes: Vote<number>[] = [];
  const latest = (places.posted ?? 2034) + 1;
  const add = (vote: Vote<number>) => {
    if (vote.value <= latest) votes.push(vote);
  };
  for (const { place, named, evidence } of readings) {
    if (named.year === null) continue;
    const names = named.make !== null;
    if (place === "description" && !names) continue;
    const weight = { title: 1, form: 0.7, description: 0.5 }[place] * (named.yearShort ? 0.7 : 1);
    add({ value: named.year, weight, place, doubt: named.yearShort ? 0.95 : 1, evidence });
  }
  if (places.formYear !== null) {
    const evidence = `year "${places.formYear}"`;
    add({ value: places.formYear, weight: 1, place: "form", doubt: 1, evidence });
  }
  if (places.vin !== null) {
    const years = modelYearsOf(places.vin);
    const near = votes.find(({ value }) => years.includes(value));
    if (near !== undefined) {
      const evidence = `the VIN's tenth character "${places.vin[9]}"`;
      add({ value: near.value, weight: 0.9, place: "vin", doubt: 1, evidence });
    }
  }
  const decoded = places.decoded?.year ?? null;
  if (decoded !== null) {
    const evidence = `decoded from the VIN: ${decoded}`;
    add({ value: decoded, weight: 0.6, place: "vin", doubt: 0.95, evidence });
  }
  return votes;
}

function makeVotes(
  readings: readonly PlaceReading[],
  year: number | null,
  decoded: string | null,
): Vote<string>[] {
  const votes: Vote<string>[] = [];
  if (decoded !== null) {
    const evidence = `decoded from the VIN: ${decoded}`;
    votes.push({ value: decoded, weight: 0.6, place: "vin", doubt: 0.95, evidence });
  }
  const formed = readings.find(({ place }) => place === "form")?.named;
  for (const { place, named, evidence } of readings) {
    if (named.make === null || isModelOfAnother(named, formed)) continue;
    const make = makeOfYear(named, year);
    const base = { title: 1, form: 1, description: 0.6 }[place];
    const from = named.makeFrom === "named" ? 1 : named.makeFrom === "model" ? 0.7 : 0.5;
    const bait = named.makes > 1 ? (place === "form" ? 0.4 : 0.8) : 1;
    // An unknown word in the maker's place, and behind it a model: "Acme Cougar" need not be a Mercury.
    const preceded = named.makeFrom === "model" && named.own !== null;
    const doubt = (named.makeFrom === "slip" ? 0.85 : named.makeFrom === "model" ? 0.99 : 1) *
      (make === named.make && tooEarly(make, year) ? 0.5 : 1) * (preceded ? DOUBT.unlikely : 1);
    const weight = base * from * bait * (tooEarly(make, year) || preceded ? 0.2 : 1);
    votes.push({ value: make, weight, place, doubt, evidence });
    if (named.otherMake !== null) {
      const why = `${named.otherMake.make} built the ${named.otherMake.model}`;
      const value = named.otherMake.make;
      votes.push({
        value,
        weight: base * 0.6,
        place,
        doubt: 0.85,
        evidence: `${evidence}: ${why}`,
      });
    }
  }
  return votes;
}

/** "2007 Cougar bunkhouse" in the title where the form says "Keystone Cougar": the model tells no other maker. */
function isModelOfAnother(named: NamedVehicle, formed: NamedVehicle | undefined): boolean {
  return named.makeFrom === "model" && formed?.makeFrom === "named" &&
    formed.make !== named.make && formed.make !== null && !hasKnownModels(formed.make) &&
    keyOf(formed.loose.join("")).includes(keyOf(named.model ?? ""));
}

/** The value with the most weight; the first of those that weigh the same. */
function winnerOf<T extends string | number>(votes: readonly Vote<T>[]): T | null {
  const weights = new Map<T, number>();
  for (const { value, weight } of votes) weights.set(value, (weights.get(value) ?? 0) + weight);
  let winner: T | null = null;
  for (const [value, weight] of weights) {
    if (winner === null || weight > (weights.get(winner) ?? 0)) winner = value;
  }
  return winner;
}

/** Confidence factor of a vote; one that lost stays only as evidence against the winner. */
function doubtOf<T>(vote: Vote<T>, winner: T): number {
  return vote.doubt * (vote.place === "form" ? 0.97 : 1) * (vote.value === winner ? 1 : 0.6);
}
