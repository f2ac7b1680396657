import assert from "node:assert/strict";
import fc from "fast-check";
import { readSellerTitle } from "./seller_title.ts";

/** Titles as sellers wrote them: year, make, model, what stands behind it. */
const TITLES: Readonly<Record<string, [number | null, string | null, string | null, string]>> = {
  "2008 VW Jetta SE": [2008, "Volkswagen", "Jetta", "SE"],
  "1987 F150 4x4 XLT": [1987, "Ford", "F-150", "XLT 4x4"],
  "S10 4x4 v6 1998": [1998, "Chevrolet", "S-10", "4x4"],
  "1987 Camaro IROC -Z Convertible 5- Speed": [1987, "Chevrolet", "Camaro", "IROC-Z Convertible"],
  "2019 Nissan Frontier Crew Cab SV": [2019, "Nissan", "Frontier", "Crew Cab SV"],
  "2016 Ram 1500 Laramie 4x4.": [2016, "Ram", "1500", "Laramie 4x4"],
  "2017 RAM 2500 Larime 4x4 MEGA CAB": [2017, "Ram", "2500", "Laramie 4x4 Mega Cab"],
  "1978 Lincoln Continental Town Car": [1978, "Lincoln", "Continental Town Car", ""],
  "Government fleet maintained 2006 Ford Freestar one owner": [2006, "Ford", "Freestar", ""],
  "RELIABLE # 2013Chevy Impala LTZ # nice car !!": [2013, "Chevrolet", "Impala", "LTZ"],
  "01'Toyota Camry": [2001, "Toyota", "Camry", ""],
  "95 Buick regal": [1995, "Buick", "Regal", ""],
  "04 Mustang GT": [2004, "Ford", "Mustang", "GT"],
  "2010 Beautiful 2010 BMW 128i convertible": [2010, "BMW", "128i", "Convertible"],
  "Beautiful 1930 Model A Tudor in Excellent Condition": [1930, "Ford", "Model A", "Tudor"],
  "1977 jeep cj7": [1977, "Jeep", "CJ-7", ""],
  "2002 Xterra": [2002, "Nissan", "Xterra", ""],
  "2015 Range Rover Sport HSE": [2015, "Land Rover", "Range Rover Sport", ""],
  "2013 Chrysler Town & Country Touring / DVD / Stow-N-Go": [
    2013,
    "Chrysler",
    "Town & Country",
    "Touring",
  ],
  "2013 Mercedes Benz SL 550 Convertible": [2013, "Mercedes-Benz", "SL 550", "Convertible"],
  "2005 Ford T-Bird 2D Convertible": [2005, "Ford", "Thunderbird", ""],
  "Jeep Liberty 2005 limited 4x4": [2005, "Jeep", "Liberty", "Limited 4x4"],
  "2009 Dodge Ram 1500 Big Horn 4x4 Hemi": [2009, "Dodge", "Ram 1500", "Big Horn 4x4"],
  "I990 F150 Lariat 4x4": [null, "Ford", "F-150", "Lariat 4x4"],
  "1995 Range Rover County": [1995, "Land Rover", "Range Rover", ""],
  "2004 Mazdaspeed Miata": [2004, "Mazda", "Miata", ""],
  "2005 Porsche Carrera S": [2005, "Porsche", "911", "Carrera S"],
  "1958 Porsche Carrera": [1958, "Porsche", null, ""],
  "1988 Ford Bronco 2": [1988, "Ford", "Bronco II", ""],
  "2021 Mercedes-AMG GT Black Series": [2021, "Mercedes-Benz", "GT", "Black Series"],
  "2007 Keystone Cougar 5th wheel": [2007, "Keystone", null, ""],
  "Arctic Cat Wildcat 2016": [2016, "Arctic Cat", null, ""],
  "2007 Montana 5th wheel": [2007, null, null, ""],
  "golf cart 2018": [2018, null, null, ""],
  "2004 F250 with 5th wheel hitch": [2004, "Ford", "F-250", ""],
  "1981 Phaeton": [1981, null, null, ""],
  "2012 River boat": [2012, null, null, ""],
  "18 Wheeler": [null, null, null, ""],
  "For Sale/OBO": [null, null, null, ""],
  "93 ford bus": [1993, "Ford", null, ""],
};
for (const [title, [year, make, model, variant]] of Object.entries(TITLES)) {
  Deno.test(`title "${title}"`, () => {
    const read = readSellerTitle(title);
    assert.deepEqual([read.year, read.make, read.model], [year, make, model]);
    if (model !== null) assert.equal(read.variant.join(" "), variant);
  });
}

Deno.test("a model with a slip of the pen is read, and said to be mended", () => {
  const read = readSellerTitle("2013 Nissan Frontoer");
  assert.deepEqual([read.model, read.modelMended], ["Frontier", true]);
  assert.equal(readSellerTitle("2008 Infinity G35").make, "Infiniti");
});

Deno.test("the number that a name follows is the year, not one that is a model", () => {
  assert.equal(readSellerTitle("1500 ram hemi 2014").year, 2014);
  assert.equal(readSellerTitle("1999 Ford F150 for 2500").year, 1999);
});

Deno.test("ordinary words are no makers and no models", () => {
  for (
    const title of [
      "call Thomas",
      "mini fridge",
      "smart tv 55",
      "escape room",
      "eagle statue",
      "standard bed",
    ]
  ) {
    const { make, model } = readSellerTitle(title);
    assert.deepEqual([make, model], [null, null], title);
  }
});

Deno.test("any title is read without an exception, and in little time", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "2008",
      "ford",
      "F-150",
      "XLT",
      "'04",
      "Ram",
      "4x4",
      "crew",
      "cab",
      "S10",
      "–",
      "🔴",
      "'",
      "-",
    ),
    fc.string({ maxLength: 12 }),
    fc.string({ unit: "grapheme", maxLength: 8 }),
  );
  const title = fc.array(word, { maxLength: 40 }).map((words) => words.join(" "));
  fc.assert(
    fc.property(title, (text) => {
      const read = readSellerTitle(text);
      assert.ok(read.year === null || (read.year >= 1900 && read.year <= 2035));
      assert.ok(read.variant.length <= 6);
      if (read.model !== null) assert.notEqual(read.make, null);
    }),
    { numRuns: 500, seed: 20261122 },
  );
  readSellerTitle("2008 ford ".repeat(100_000));
});

Deno.test("letters' case and the spaces between words change nothing", () => {
  const titles = Object.keys(TITLES);
  fc.assert(
    fc.property(fc.constantFrom(...titles), fc.integer({ min: 1, max: 4 }), (title, gap) => {
      const read = readSellerTitle(title);
      const loud = readSellerTitle(title.toUpperCase().replaceAll(" ", " ".repeat(gap)));
      assert.deepEqual([loud.year, loud.make, loud.model], [read.year, read.make, read.model]);
    }),
    { numRuns: 200, seed: 20261122 },
  );
});

Deno.test("words in a maker's place that no list holds are kept as such, and no slip of a known one", () => {
  const own = (text: string) => readSellerTitle(text, { place: "form", known: 1993 }).own;
  assert.deepEqual(own("Bolwell Nagari"), { make: "Bolwell", model: "Nagari" });
  assert.deepEqual(own("acme cougar xr7"), { make: "Acme", model: "Cougar XR7" });
  for (const text of ["hond accord", "clean mustang", "crew cab silverado", "old truck", "vixen"]) {
    assert.equal(own(text), null, text);
  }
});
