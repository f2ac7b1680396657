import assert from "node:assert/strict";
import { tokensOf } from "./tokens.ts";
import { variantAt } from "./trims.ts";

Deno.test("trims, cabs and drives are told apart, and read in spite of a slip", () => {
  const variant = (text: string) => variantAt(tokensOf(text), 0);
  assert.deepEqual(variant("crewcab xlt"), { text: "Crew Cab", kind: "cab", count: 1 });
  assert.deepEqual(variant("ext. Cab 4x4"), { text: "Extended Cab", kind: "cab", count: 2 });
  assert.deepEqual(variant("4WD"), { text: "4x4", kind: "drive", count: 1 });
  assert.equal(variant("Larime 4x4")?.text, "Laramie");
  assert.equal(variant("runs great"), null);
});
