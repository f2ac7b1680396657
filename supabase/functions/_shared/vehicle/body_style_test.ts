import assert from "node:assert/strict";
import { bodyStyleIn } from "./body_style.ts";

Deno.test("a motorcycle called roadster or spyder is no convertible", () => {
  for (
    const [name, make] of [
      ["Spyder Roadster", "Can-Am"],
      ["2009 Harley-Davidson Sportster Roadster", ""],
      ["R1200R Roadster", "BMW"],
      ["Spyder RT", ""],
      ["Thruxton Roadster", "Triumph"],
    ] as const
  ) {
    assert.equal(bodyStyleIn(name, make), null, name);
  }
});

Deno.test("a car of a maker that built both still is", () => {
  assert.equal(bodyStyleIn("Z3 Roadster", "BMW"), "Convertible");
  assert.equal(bodyStyleIn("Roadster", "Triumph"), "Convertible");
  assert.equal(bodyStyleIn("1990 Eunos Roadster"), "Convertible");
});
