import type { HeldFacts } from "./held.ts";
import { tokensOf, vocabulary } from "./vocabulary.ts";

const MIN_LENGTH = 30;
const MAX_LENGTH = 2_000;
const SYMBOL_OF: Readonly<Record<string, readonly string[]>> = {
  $: ["USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN"],
  "€": ["EUR"],
  "£": ["GBP"],
  "¥": ["JPY", "CNY"],
};

function figure(text: string): number {
  return Number(text.replace(/,/g, ""));
}

function wordProblems(text: string, facts: HeldFacts): string[] {
  const allowed = vocabulary(facts);
  const isAllowed = (word: string) =>
    allowed.has(word) || allowed.has(`${word}s`) ||
    (word.endsWith("s") && allowed.has(word.slice(0, -1)));
  const strange = [...new Set(tokensOf(text).filter((word) => !isAllowed(word)))];
  return strange.map((word) =>
    /^\d/.test(word)
      ? `the number ${word} is not in the facts`
      : `the word “${word}” is not in the facts`
  );
}

function mileProblems(text: string, facts: HeldFacts): string[] {
  return [...text.matchAll(/(\d[\d,]*(?:\.\d+)?)[\s-]*(?:\p{L}+[\s-]+)?(?:miles?|mi)\b/giu)]
    .filter((match) => figure(match[1] ?? "") !== facts.mileage)
    .map((match) => `“${match[0]}” is not the mileage held`);
}

/** Which price a sentence that names one speaks of. */
function priceSpokenOf(sentence: string, facts: HeldFacts): number | undefined {
  if (/\bbid|\bbidding/i.test(sentence) && facts.sale_status !== "sold") return facts.high_bid;
  if (/\bask(ing|ed)\b|\bfor sale\b|\bpriced\b|\blisted (at|for) [$€£¥\d]/i.test(sentence)) {
    return facts.asking_price;
  }
  return facts.sale_status === "sold" ? facts.sale_price : undefined;
}

const FIGURE = String.raw`(\d[\d,]*(?:\.\d+)?)`;
/** Figures with a sign, or with a currency's code before them. */
const PRICE = new RegExp(String.raw`([$€£¥]|\b[A-Z]{3}\s*\$?)\s*` + FIGURE, "g");
/** Figures in a place where only a price can stand. */
const BARE_PRICE = new RegExp(
  String
    .raw`\b(?:sold (?:for|at)|bid(?:ding)? (?:of|to|at|reached)|asking(?: price)?(?: of| was| is)?) ` +
    FIGURE,
  "gi",
);

function priceProblems(text: string, facts: HeldFacts): string[] {
  const problems: string[] = [];
  for (const sentence of text.split(/(?<=[.!?])\s+/)) {
    const held = priceSpokenOf(sentence, facts);
    for (const [said, before = "", amount = ""] of sentence.matchAll(PRICE)) {
      const sign = before.replace(/[\s$]+$/, "") || "$";
      const codes = SYMBOL_OF[sign] ?? [sign];
      if (facts.currency !== undefined && codes.includes(facts.currency)) {
        if (figure(amount) !== held) {
          problems.push(`“${said}” is not the price that its sentence speaks of`);
        }
      } else if (SYMBOL_OF[sign] !== undefined) {
        problems.push(`“${said}” names a currency that is not held`);
      } // otherwise three capitals before a number, as in a model's name
    }
    for (const [said, amount = ""] of sentence.matchAll(BARE_PRICE)) {
      if (figure(amount) !== held) {
        problems.push(`“${said}” is not the price that its sentence speaks of`);
      }
    }
  }
  return problems;
}

function saleProblems(text: string, facts: HeldFacts): string[] {
  const sold = [...text.matchAll(/(\bnot |n[’']t |\bnever )?(?:\bbe |\bbeen |\bget )?\bsold\b/gi)];
  if (facts.sale_status === "sold") {
    return /\b(unsold|not|without)\b/i.test(text) ? ["it denies a sale that the facts state"] : [];
  }
  return sold.some((match) => match[1] === undefined)
    ? ["it states a sale that the facts do not"]
    : [];
}

function nameProblems(text: string, facts: HeldFacts): string[] {
  const said = new Set(tokensOf(text));
  const name = tokensOf(`${facts.year} ${facts.make} ${facts.model}`);
  const problems = name.every((word) => said.has(word))
    ? []
    : ["it does not name year, make and model"];
  const make = tokensOf(facts.make ?? "")[0] ?? "";
  const words = tokensOf(text);
  const otherYear = words.find((word, at) =>
    /^(18|19|20)\d\d$/.test(word) && words[at + 1] === make && word !== String(facts.year)
  );
  return otherYear === undefined ? problems : [...problems, `${otherYear} is not its year`];
}

/**
 * What speaks against a text that a model wrote about facts; empty when each of its words, numbers
 * and names comes from the facts or claims nothing. Strict on purpose: a text refused costs nothing,
 * since the rules can always write one, and a wrong claim would be held as a fact.
 */
export function problemsOf(text: string, facts: HeldFacts): string[] {
  const problems: string[] = [];
  if (text.length < MIN_LENGTH || text.length > MAX_LENGTH) {
    problems.push(`it is ${text.length} characters long, not ${MIN_LENGTH} to ${MAX_LENGTH}`);
  }
  if (/https?:|www\.|[<>{}*#|\\]/.test(text)) problems.push("it holds markup or a link");
  if (/\b(over|under|around|about|nearly|almost)\s+[$€£]?\d/i.test(text)) {
    problems.push("it makes a figure vaguer than the facts");
  }
  return [
    ...problems,
    ...nameProblems(text, facts),
    ...wordProblems(text, facts),
    ...mileProblems(text, facts),
    ...priceProblems(text, facts),
    ...saleProblems(text, facts),
  ];
}
