import assert from "node:assert/strict";
import { readProse } from "./prose.ts";

Deno.test("readProse reads the turns of a description, and nothing into other sentences", () => {
  assert.deepEqual(
    readProse(
      "It is finished in Arctic Silver Metallic over black leather and is powered by a 2.9-liter flat-six paired with a six-speed manual transaxle.",
    ),
    {
      color: "Arctic Silver Metallic",
      interior_color: "black leather",
      engine: "2.9-liter flat-six",
      transmission: "six-speed manual transaxle",
    },
  );
  assert.deepEqual(
    readProse("The wheels were refinished by a shop. My other car is powered by love."),
    { color: null, interior_color: null, engine: null, transmission: null },
  );
});
