import assert from "node:assert/strict";
import fc from "fast-check";
import { readOdometer } from "./odometer.ts";

const read = (form: number | null, text: string, year: number | null = 2005, untrue = false) =>
  readOdometer({ form, text, untrue, year, posted: 2021 });
const miles = (form: number | null, text: string, year?: number | null) =>
  read(form, text, year)?.miles ?? null;

/** What the form holds, what the text says, the mileage that is meant. */
const CASES: readonly [number | null, string, number | null][] = [
  [3, "300K miles...Bought new", 300_000],
  [1, "runs great", null],
  [1_234_567, "Mileage is unknown, Speedo not working", null],
  [777_777, "has 215,xxx miles", 215_000],
  [123_455, "roller", null],
  [6_200, "6,200 miles on motor ready to ride", null],
  [300_000, "Only have about 300,000 miles on transmission", null],
  [1_000, "1000 Mile of fresh rebuild 427 BBC", null],
  [17_000, "it has 170,000 miles", 170_000],
  [152, "2005 HONDA CRV 152 K MILES SUNROOF", 152_000],
  [260_000, "260,000 miles on the odometer with only 100,000 on the current engine", 260_000],
  [
    249_647,
    "It has been driven 249,500 miles but had a new engine installed at about 120,000",
    249_647,
  ],
  [41_674, "less than 41700 miles. tires put on with 35,700 miles", 41_674],
  [68_000, "67,800 miles", 68_000],
  [128_502, "AUTO TRANS\nLOW MILEAGE 128502\nLONG BED", 128_502],
  [85_000, "85.000 miles", 85_000],
  [null, "Black Paint. Mileage 221450. One owner", 221_450],
  [null, "245XXX miles as its my daily driver", 245_000],
  [null, "oil changed every 3,000 miles, warranty until 60,000 miles", null],
  [null, "94,300, TMU", 94_300],
  [null, "140xxx miles", 140_000],
  [null, "new tires, 6k miles old. asking 12k.", null],
  [null, "gets 30 miles per gallon, 12 miles from town", null],
];
for (const [form, text, meant] of CASES) {
  Deno.test(`odometer ${form}, "${text.replaceAll("\n", " / ")}" → ${meant}`, () => {
    assert.equal(miles(form, text), meant);
  });
}

Deno.test("few miles are believed of a new vehicle and not of an old one", () => {
  assert.equal(miles(12, "", 2021), 12);
  assert.equal(miles(12, "", 1998), null);
  assert.equal(read(17_000, "", 2003)?.trust, "doubtful");
});

Deno.test("text that agrees makes surer, text that denies less sure", () => {
  assert.equal(read(54_000, "54,000 original miles")?.trust, "agreed");
  assert.equal(read(54_000, "well kept")?.trust, "stated");
  assert.equal(read(54_000, "it has 91,000 miles")?.trust, "disputed");
  assert.equal(read(54_000, "TMU")?.trust, "untrue");
  assert.equal(read(54_000, "", 2005, true)?.trust, "untrue");
});

Deno.test("a mileage is the form's or stands in the text, whatever they hold", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "miles",
      "120,000",
      "98k",
      "150xxx",
      "on",
      "the",
      "engine",
      "odometer",
      "mileage",
      ".",
      "\n",
      "$5",
    ),
    fc.integer({ min: 0, max: 3_000_000 }).map(String),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: 0, max: 5_000_000 })),
      fc.array(word, { maxLength: 40 }),
      fc.option(fc.integer({ min: 1900, max: 2022 })),
      (form, words, year) => {
        const text = words.join(" ");
        const reading = readOdometer({ form, text, untrue: false, year, posted: 2021 });
        if (reading === null) return;
        assert.ok(reading.miles > 0);
        if (reading.from === "form") assert.equal(reading.miles, form);
        else assert.ok(/\d/.test(text));
      },
    ),
    { numRuns: 500, seed: 20261122 },
  );
});

Deno.test("a figure of another thing does not dispute the odometer's", () => {
  for (
    const text of [
      "new tires with 5k miles",
      "Michelin tires 6k miles old",
      "60k mile tires",
      "tires rated for 60,000 miles",
      "tires with 80% tread, 20k miles",
      "jasper motor 30,000 miles",
      "timing belt changed 80,000 miles",
      "asking 12k.",
      "price 12k\nclean title",
      "will take 12k, cash",
      "books for 18k.",
      "worth 20k.",
      "I have 15k invested.",
    ]
  ) {
    assert.equal(read(94_000, text, 2008)?.trust, "stated", text);
  }
  assert.equal(read(94_000, "low miles, 49k miles", 2008)?.trust, "disputed");
});
