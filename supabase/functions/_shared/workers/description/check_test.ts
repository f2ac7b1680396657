import assert from "node:assert/strict";
import fc from "fast-check";
import { problemsOf } from "./check.ts";
import { speakable } from "./held.ts";
import { heldFacts } from "./testing/arbitrary.ts";
import { tokensOf } from "./vocabulary.ts";

const SOLD = speakable({
  year: 1988,
  make: "Porsche",
  model: "911 Carrera",
  mileage: 61_000,
  color: "Guards Red",
  interior_color: "Black",
  engine: "3.2L Flat-Six",
  transmission: "Five-Speed Manual",
  drivetrain: "RWD",
  sale_price: 75_000,
  currency: "USD",
  sale_status: "sold",
  sale_date: "2025-11-03",
  location: "Greenville, SC",
});
const { sale_price: _, ...unpriced } = SOLD;
const UNSOLD = { ...unpriced, sale_status: "bid_to" as const, high_bid: 50_000 };
const FIRST = "This 1988 Porsche 911 Carrera is finished in Guards Red over a black interior.";

Deno.test("a text that says only what is held is taken, however it puts it", () => {
  for (
    const text of [
      FIRST,
      "Finished in Guards Red over black, this 1988 Porsche 911 Carrera is powered by a 3.2-liter flat-six " +
      "paired with a five-speed manual transmission driving the rear wheels.",
      `${FIRST} The odometer shows 61,000 miles, and the car sold for $75,000 on November 3rd, 2025.`,
      `${FIRST} It is located in Greenville, SC, and was listed at auction, where it sold for USD 75,000.`,
      "The 1988 Porsche 911 Carrera’s flat-6 engine comes with a 5-speed gearbox.",
    ]
  ) assert.deepEqual(problemsOf(text, SOLD), [], text);
  assert.deepEqual(
    problemsOf(`${FIRST} Bidding reached $50,000, but it was not sold.`, UNSOLD),
    [],
  );
});

Deno.test("a text is refused for each kind of claim that the facts do not hold", () => {
  const refused: [string, string, RegExp][] = [
    ["another number", "It has 4 wheels.", /the number 4 is not in the facts/],
    ["another year", "A 2025 Porsche, it is listed.", /2025 is not its year/],
    ["a name", "It comes from Ferrari.", /“ferrari” is not in the facts/],
    ["a name at the start of a sentence", "Michelin is fitted.", /“michelin”/],
    ["praise", "It is a rare and pristine example.", /“rare”[^]*|“pristine”/],
    ["equipment", "It is equipped with air conditioning.", /“conditioning”/],
    ["history", "It has been with three owners.", /“owners”/],
    ["a number word", "It is identified as number seven.", /the number 7/],
    ["other mileage", "It has covered 75,000 miles.", /is not the mileage held/],
    ["mileage as a price", "It sold for $61,000.", /is not the price/],
    ["a bare price that is another fact", "It sold for 61,000.", /is not the price/],
    ["another currency", "It sold for €75,000.", /a currency that is not held/],
    ["a vaguer figure", "The odometer shows over 61,000 miles.", /vaguer/],
    ["a denied sale", "It did not sell.", /denies a sale/],
    ["a link", "It is listed at https://porsche.", /markup or a link/],
    ["markup", "**Details** listed.", /markup/],
  ];
  for (const [what, sentence, why] of refused) {
    const problems = problemsOf(`${FIRST} ${sentence}`, SOLD);
    assert.match(problems.join("\n"), why, `${what}: ${sentence}`);
  }
});

Deno.test("an unsold car is not called sold, nor its bid a price", () => {
  assert.match(problemsOf(`${FIRST} It sold for $50,000.`, UNSOLD).join(), /states a sale/);
  assert.match(problemsOf(`${FIRST} The asking price was $50,000.`, UNSOLD).join(), /asking/);
});

Deno.test("a field that is not held is not spoken of at all", () => {
  const { mileage: _m, engine: _e, location: _l, ...few } = SOLD;
  assert.match(problemsOf(`${FIRST} Its mileage is recorded.`, few).join(), /“mileage”/);
  assert.match(problemsOf(`${FIRST} Its engine is recorded.`, few).join(), /“engine”/);
  assert.match(problemsOf(`${FIRST} Its location is recorded.`, few).join(), /“location”/);
});

Deno.test("a text that does not name the vehicle, is empty or endless is refused", () => {
  assert.match(
    problemsOf("This car is finished in Guards Red and black.", SOLD).join(),
    /not name/,
  );
  assert.notDeepEqual(problemsOf("", SOLD), []);
  assert.match(
    problemsOf(`${FIRST} ${"It is listed. ".repeat(200)}`, SOLD).join(),
    /characters long/,
  );
});

Deno.test("numbers and number words have one spelling", () => {
  assert.deepEqual(tokensOf("Five-Speed, 3rd, 61,000, 08, 3.20, 3.2L, V8, Citroën’s"), [
    "5",
    "speed",
    "3",
    "61000",
    "8",
    "3.2",
    "3.2L".toLowerCase(),
    "v8",
    "citroen",
  ]);
});

Deno.test("a number that is in no fact is always found", () => {
  const digits = (text: string) => (text.match(/\d+/g) ?? []).map(Number);
  fc.assert(fc.property(heldFacts, fc.integer({ min: 1_000, max: 9_999_999 }), (facts, number) => {
    const held = speakable(facts);
    fc.pre(!digits(JSON.stringify(held)).includes(number));
    const name = `The ${held.year} ${held.make} ${held.model} is numbered`;
    assert.ok(
      problemsOf(`${name} ${number.toLocaleString("en-US")}.`, held)
        .includes(`the number ${number} is not in the facts`),
    );
  }));
});

Deno.test("no text makes the checker throw", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 120 }), heldFacts, (text, facts) => {
    problemsOf(text, speakable(facts));
  }));
});
