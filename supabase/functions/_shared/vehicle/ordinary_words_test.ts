import assert from "node:assert/strict";
import { modelAt } from "./models.ts";
import { isOrdinaryWord } from "./ordinary_words.ts";
import { tokensOf } from "./tokens.ts";
import { variantAt } from "./trims.ts";

Deno.test("an ordinary word is not corrected to the name that it looks like", () => {
  for (const word of ["river", "chassis", "charger cable", "explored", "custody"]) {
    assert.equal(variantAt(tokensOf(word), 0), null, word);
  }
  assert.equal(modelAt(tokensOf("explore"), 0, "Ford", true), null);
  assert.equal(modelAt(tokensOf("carrera s"), 0, "Porsche", true), null);
  assert.ok(isOrdinaryWord("chassis") && !isOrdinaryWord("frontoer"));
});

Deno.test("a slip of the pen still is", () => {
  assert.equal(modelAt(tokensOf("frontoer"), 0, "Nissan", true)?.model, "Frontier");
  assert.equal(variantAt(tokensOf("larime"), 0)?.text, "Laramie");
});
