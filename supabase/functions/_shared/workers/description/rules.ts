import type { FieldName } from "../../domain/fact.ts";
import { type Described, type HeldFacts, isEnough, type RawFacts, speakable } from "./held.ts";
import { offerSentences } from "./offer.ts";
import { article, count, list } from "./wording.ts";

/** Body styles that read as a noun; any other is quoted as it is listed. */
const BODY_NOUNS: ReadonlySet<string> = new Set(
  ("convertible coupe coupé cabriolet fastback hardtop hatchback limousine minivan pickup roadster saloon " +
    "sedan speedster spider spyder targa truck van wagon").split(" "),
);

function nameOf(facts: HeldFacts): { name: string; fields: FieldName[] } {
  const { year, make, model, trim } = facts;
  const plain = `${year} ${make} ${model}`;
  const addsTrim = trim !== undefined && !plain.toLowerCase().includes(trim.toLowerCase());
  return {
    name: addsTrim ? `${plain} ${trim}` : plain,
    fields: ["year", "make", "model", ...(addsTrim ? ["trim" as const] : [])],
  };
}

function looks(facts: HeldFacts): Described {
  const { name, fields } = nameOf(facts);
  const usedFields = [...fields];
  const parts: string[] = [];
  const body = facts.body_style?.toLowerCase();
  if (facts.body_style !== undefined && body !== undefined) {
    const noun = BODY_NOUNS.has(body) ? body : body === "suv" ? "SUV" : undefined;
    parts.push(
      noun ? `is ${article(noun)} ${noun}` : `is listed as body style “${facts.body_style}”`,
    );
    usedFields.push("body_style");
  }
  if (facts.color !== undefined) {
    parts.push(parts.length > 0 ? `finished in ${facts.color}` : `is finished in ${facts.color}`);
    usedFields.push("color");
  }
  if (facts.interior_color !== undefined) {
    const stated = /\b(interior|upholstery|seats)\b/i.test(facts.interior_color);
    const interior = stated ? facts.interior_color : `an interior in ${facts.interior_color}`;
    parts.push(parts.length > 0 ? `with ${interior}` : `has ${interior}`);
    usedFields.push("interior_color");
  }
  const text = parts.length > 0
    ? `This ${name} ${parts.join(" ")}.`
    : `This vehicle is ${article(name)} ${name}.`;
  return { text, usedFields };
}

const MACHINERY = ["engine", "transmission", "drivetrain"] as const;

function machinery(facts: HeldFacts): Described {
  const usedFields = MACHINERY.filter((name) => facts[name] !== undefined);
  const parts = usedFields.map((name, at) =>
    at === 0 ? `the ${name} is listed as ${facts[name]}` : `the ${name} as ${facts[name]}`
  );
  const text = parts.length > 0 ? `T${list(parts).slice(1)}.` : "";
  return { text, usedFields };
}

function history(facts: HeldFacts): Described {
  const sentences: string[] = [];
  const usedFields: FieldName[] = [];
  if (facts.mileage !== undefined) {
    const miles = facts.mileage === 1 ? "mile" : "miles";
    sentences.push(`The mileage is given as ${count(facts.mileage)} ${miles}.`);
    usedFields.push("mileage");
  }
  if (facts.vin !== undefined) {
    // Before the 17-character standard of 1981 each maker numbered its chassis in its own way.
    const word = (facts.year ?? 1981) < 1981 ? "chassis number" : "VIN";
    sentences.push(`Its ${word} is ${facts.vin}.`);
    usedFields.push("vin");
  }
  return { text: sentences.join(" "), usedFields };
}

/**
 * A description of a vehicle in plain English, made by rules from facts held and from nothing else:
 * the same facts always give the same text, and what is not held is not mentioned. Null when year,
 * make or model is not known. A running bid is not mentioned, since tomorrow it is another.
 */
export function describeByRules(raw: RawFacts): Described | null {
  const facts = speakable(raw);
  if (!isEnough(facts)) return null;
  const parts = [looks(facts), machinery(facts), history(facts), offerSentences(facts)];
  return {
    text: parts.map((part) => part.text).filter(Boolean).join(" "),
    usedFields: parts.flatMap((part) => part.usedFields),
  };
}
