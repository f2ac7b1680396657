import assert from "node:assert/strict";
import { knownMake, makeAtStart, makeWithin } from "./makes.ts";

Deno.test("knownMake knows other spellings", () => {
  assert.equal(knownMake("chevy"), "Chevrolet");
  assert.equal(knownMake("VW"), "Volkswagen");
  assert.equal(knownMake("mercedes benz"), "Mercedes-Benz");
  assert.equal(knownMake("ROLLS ROYCE"), "Rolls-Royce");
  assert.equal(knownMake("art"), null);
  assert.equal(knownMake("constructor"), null);
});

Deno.test("makeAtStart takes the longest name and whole words only", () => {
  assert.deepEqual(makeAtStart("Aston Martin DB5"), { make: "Aston Martin", rest: "DB5" });
  assert.deepEqual(makeAtStart("Land Rover Defender 110"), {
    make: "Land Rover",
    rest: "Defender 110",
  });
  assert.deepEqual(makeAtStart("Austin-Healey 3000"), { make: "Austin-Healey", rest: "3000" });
  assert.equal(makeAtStart("Fordson Tractor"), null);
  assert.equal(makeAtStart("Minivan"), null);
});

Deno.test("makeWithin passes over what only qualifies, and over words with another use", () => {
  assert.equal(makeWithin("Nissan 1.4L–Powered Morris Minor")?.make, undefined);
  assert.equal(makeWithin("Coyote-Powered Factory Five Racing Mk4")?.make, "Factory Five");
  assert.equal(makeWithin("a mini excavator"), null);
  assert.equal(makeWithin("the eagle has landed in a Porsche 911")?.make, "Porsche");
});
