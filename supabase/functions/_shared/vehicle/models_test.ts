import assert from "node:assert/strict";
import { makerlessModelAt, modelAt } from "./models.ts";
import { tokensOf } from "./tokens.ts";

const model = (make: string, text: string) => modelAt(tokensOf(text), 0, make)?.model ?? null;

Deno.test("models are written as their makers write them", () => {
  assert.equal(model("Ford", "f150 xlt"), "F-150");
  assert.equal(model("Honda", "crv"), "CR-V");
  assert.equal(model("Chevrolet", "silverado 1500 lt"), "Silverado 1500");
  assert.equal(model("Chrysler", "town and country"), "Town & Country");
  assert.equal(model("BMW", "335I coupe"), "335i");
  assert.equal(model("Lexus", "rx350"), "RX 350");
  assert.equal(model("Mercedes-Benz", "SL 550"), "SL 550");
  assert.equal(model("Chevrolet", "k1500 z71"), "K1500");
  assert.equal(model("Ford", "focused"), null);
});

Deno.test("a model tells its maker only where no other built one of that name", () => {
  const alone = (text: string, common = false) =>
    makerlessModelAt(tokensOf(text), 0, common)?.make ?? null;
  assert.equal(alone("xterra"), "Nissan");
  assert.equal(alone("f250"), "Ford");
  assert.equal(alone("focus"), null);
  assert.equal(alone("focus", true), "Ford");
  assert.equal(alone("1500", true), null);
  assert.equal(alone("voyager", true), null);
});
