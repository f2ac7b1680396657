import type { FactBook } from "./fact_book.ts";
import { DOUBT } from "./confidence.ts";
import { isModelOf } from "./models.ts";
import { type NamedVehicle, readSellerTitle } from "./seller_title.ts";
import { variantKind } from "./trim_names.ts";
import { modelYearsOf } from "./vin_year.ts";
import { keyOf } from "./words.ts";

/** The places of a post that name its vehicle. */
export interface IdentityPlaces {
  title: string;
  /** The year that was chosen from the form's list. */
  formYear: number | null;
  /** The line for make and model, as it was typed. */
  formText: string;
  description: string;
  /** A VIN whose check digit is right. */
  vin: string | null;
  /** The year in which the post was written: no model is newer than the next. */
  posted: number | null;
}

export interface Identity {
  year: number | null;
  make: string | null;
  model: string | null;
}

type Place = "title" | "form" | "description";
interface Reading {
  place: Place;
  named: NamedVehicle;
  evidence: string;
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
export function offerIdentity(book: FactBook, places: IdentityPlaces): Identity {
  const readings = readPlaces(places);
  const years = yearVotes(readings, places);
  const year = winnerOf(years);
  for (const vote of years) {
    book.offer("year", vote.value, WAYS[vote.place], vote.evidence, {
      doubt: doubtOf(vote, year ?? 0),
    });
  }
  const makes = makeVotes(readings, year);
  const make = winnerOf(makes);
  for (const vote of makes) {
    book.offer("make", vote.value, WAYS[vote.place], vote.evidence, {
      doubt: doubtOf(vote, make ?? ""),
    });
  }
  const model = make === null ? null : offerModel(book, readings, make, year);
  return { year, make, model };
}

function readPlaces(places: IdentityPlaces): Reading[] {
  const form = places.formText.replace(/^(\d{4})\s+(?=\1\b)/, "");
  const body = sentenceWithYear(places.description);
  const readings: Reading[] = [{
    place: "title",
    named: readSellerTitle(places.title),
    evidence: `title "${places.title}"`,
  }];
  if (form !== "") {
    const named = readSellerTitle(form);
    readings.push({ place: "form", named, evidence: `make and model "${form}"` });
  }
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

function yearVotes(readings: readonly Reading[], places: IdentityPlaces): Vote<number>[] {
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
  return votes;
}

function makeVotes(readings: readonly Reading[], year: number | null): Vote<string>[] {
  const votes: Vote<string>[] = [];
  for (const { place, named, evidence } of readings) {
    if (named.make === null) continue;
    const make = makeOfYear(named, year);
    const base = { title: 1, form: 1, description: 0.6 }[place];
    const from = named.makeFrom === "named" ? 1 : named.makeFrom === "model" ? 0.7 : 0.5;
    const bait = named.makes > 1 ? (place === "form" ? 0.4 : 0.8) : 1;
    const doubt = (named.makeFrom === "slip" ? 0.85 : named.makeFrom === "model" ? 0.99 : 1) *
      (make === named.make && tooEarly(make, year) ? 0.5 : 1);
    const weight = base * from * bait * (tooEarly(make, year) ? 0.2 : 1);
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

/** Ram became a maker of its own with the model year 2011 (Chrysler Group, 2009); before, Dodge built it. */
const RAM_SINCE = 2010;
/** International Harvester's trucks have been Navistar's "International" since 1986. */
const NAVISTAR_SINCE = 1986;
const RAM_FIRST = 1981;

function makeOfYear({ make, model }: NamedVehicle, year: number | null): string {
  if (make === "International Harvester" && year !== null && year >= NAVISTAR_SINCE) {
    return "International";
  }
  const dodge = make === "Ram" && year !== null && year < RAM_SINCE && year >= RAM_FIRST;
  return dodge && model !== null ? "Dodge" : make ?? "";
}

/** First model years of makers whose names sellers also use for older cars. */
const FIRST_YEARS: Readonly<Record<string, number>> = {
  Ram: RAM_FIRST,
  Acura: 1986,
  Lexus: 1990,
  Infiniti: 1990,
  Saturn: 1991,
  Scion: 2004,
  Hummer: 1992,
  Tesla: 2008,
  Smart: 2002,
  Geo: 1989,
  Genesis: 2017,
};

function tooEarly(make: string, year: number | null): boolean {
  return year !== null && year < (FIRST_YEARS[make] ?? 0);
}

const WAYS = { title: "title", form: "labelled", description: "prose", vin: "structured" } as const;

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

/** The model's own name with trim, cab and body behind it. */
function offerModel(
  book: FactBook,
  readings: readonly Reading[],
  make: string,
  year: number | null,
): string | null {
  const known = readings.filter(({ named }) =>
    named.model !== null && named.make !== null &&
    makeOfYear(named, year) === make
  ).map((reading) => ({ ...reading, model: baseOf(reading.named, make) }));
  const exact = known.filter(({ named }) => !named.modelMended);
  const first = exact[0] ?? known[0];
  if (first === undefined) return offerOtherModel(book, readings, make);
  // "Silverado" in the title, "Silverado 1500" in the form: the longer name says more.
  const longer = first.named.variant.length > 0
    ? undefined
    : exact.find(({ place, model }) =>
      place !== "description" && keyOf(model).startsWith(keyOf(first.model)) &&
      model.length > first.model.length
    );
  const base = (longer ?? first).model;
  const tail = tailOf(
    known.filter(({ model }) =>
      keyOf(base).startsWith(keyOf(model)) || keyOf(model) === keyOf(base)
    ),
    base,
  );
  for (const { place, named, model, evidence } of known) {
    const same = keyOf(base).startsWith(keyOf(model)) || keyOf(model).startsWith(keyOf(base));
    const value = same ? joined(base, tail) : joined(model, named.variant);
    book.offer("model", value, WAYS[place], evidence, {
      doubt: (named.modelMended ? 0.9 : 1) * (place === "form" ? 0.97 : 1) * (same ? 1 : 0.6),
    });
  }
  offerTrim(book, readings, base);
  return base;
}

function baseOf(named: NamedVehicle, make: string): string {
  const model = named.model ?? "";
  return named.make === "Ram" && make === "Dodge" && !/^ram/i.test(model) ? `Ram ${model}` : model;
}

/** The title's words behind the model; the form's where they say more. */
function tailOf(readings: readonly Reading[], base: string): string[] {
  const says = (place: Place) => {
    const reading = readings.find((one) => one.place === place);
    return reading?.named.variant.filter((word) => !keyOf(base).endsWith(keyOf(word))) ?? [];
  };
  const [title, form] = [says("title"), says("form")];
  if (title.every((word, at) => form[at] === word)) return form;
  const driven = title.filter((word) => variantKind(word) === "drive");
  return driven.length < title.length
    ? title
    : [...form.filter((word) => !driven.includes(word)), ...driven];
}

function joined(base: string, tail: readonly string[]): string {
  return [base, ...tail].join(" ");
}

function offerTrim(book: FactBook, readings: readonly Reading[], base: string): void {
  for (const { place, named, evidence } of readings) {
    if (place === "description" || named.model === null) continue;
    const trim = named.trim.filter((word) =>
      !/^(?:[123]500(?:HD)?|HD)$/.test(word) && !keyOf(base).endsWith(keyOf(word))
    );
    if (trim.length === 0) continue;
    book.offer("trim", trim.join(" "), WAYS[place], evidence, { doubt: 0.9 });
  }
}

/** No known model: the words behind the maker's name as they are written, less surely. */
function offerOtherModel(
  book: FactBook,
  readings: readonly Reading[],
  make: string,
): string | null {
  for (const { place, named, evidence } of readings) {
    if (named.otherMake !== null && named.otherMake.make === make) {
      const model = named.otherMake.model;
      book.offer("model", model, WAYS[place], evidence, { doubt: DOUBT.unknownName });
      return model;
    }
    if (named.make !== make || place === "description") continue;
    const words: string[] = [];
    for (const word of named.loose) {
      if (
        words.length >= 2 || NOISE.has(keyOf(word)) ||
        /^\d{1,2}[.\/]\d|^\d{5,}$|^(?:19|20)\d{2}$/.test(word)
      ) {
        break;
      }
      if (isModelOf(make, word)) break;
      words.push(word);
    }
    if (words.length === 0 || named.variant.length > 0) continue;
    const model = words.map(
      named.loose.length > 0 && /[a-z]/.test(words.join("")) ? capital : (word) => word,
    ).join(" ");
    book.offer("model", model, WAYS[place], evidence, { doubt: DOUBT.unknownName });
    return model;
  }
  return null;
}

function capital(word: string): string {
  return word.length <= 3
    ? word.toUpperCase()
    : word.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

/** Words that follow a maker's name in a sale without being a model's. */
const NOISE = new Set(
  ("for,sale,with,w,and,or,the,a,an,in,of,to,at,on,my,no,not,is,has,low,high,miles,mile,mileage,clean,title,runs,run,running,great,good,nice," +
    "very,super,excellent,condition,must,see,one,owner,obo,new,used,truck,trucks,car,cars,pickup,suv,van,bus,wagon,sedan,coupe,automatic,auto,manual," +
    "gas,diesel,hybrid,4x4,awd,4wd,2wd,speed,engine,motor,trans,transmission,project,parts,roller,rebuilt,salvage,price,reduced,firm,cash,only," +
    "loaded,fully,leather,classic,custom,lifted,trade,trades,call,text,best,offer,works,needs,work,cold,ac,air,cheap,reliable,beautiful,vehicle,v6,v8,v10," +
    "door,doors,dr,cummins,hemi,powerstroke,duramax,triton,vortec,turbo,red,blue,black,white,silver,grey,gray,green,gold,tan,brown,rare,original,all,like,clear,garage,kept,family,commercial,semi,dump,box")
    .split(","),
);
