import assert from "node:assert/strict";
import fc from "fast-check";
import { makerlessModelAt, modelAt } from "../../vehicle/models.ts";
import { keyOf, nearlySame, tokensOf } from "../../vehicle/tokens.ts";
import { variantAt } from "../../vehicle/trims.ts";
import { paintInText } from "./paint.ts";
import { withoutSearchWords } from "./search_terms.ts";

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

Deno.test("trims, cabs and drives are told apart, and read in spite of a slip", () => {
  const variant = (text: string) => variantAt(tokensOf(text), 0);
  assert.deepEqual(variant("crewcab xlt"), { text: "Crew Cab", kind: "cab", count: 1 });
  assert.deepEqual(variant("ext. Cab 4x4"), { text: "Extended Cab", kind: "cab", count: 2 });
  assert.deepEqual(variant("4WD"), { text: "4x4", kind: "drive", count: 1 });
  assert.equal(variant("Larime 4x4")?.text, "Laramie");
  assert.equal(variant("runs great"), null);
});

const PAINTS: Readonly<Record<string, string | null>> = {
  "Runs good\nDark purple color\n$23000": "dark purple",
  "The color is Iridium Silver with Black Premium Interior": "iridium silver",
  "It is a Silver color car with Gray color inside": "silver",
  "Exterior white, interior black leather": "white",
  "interior color: tan": null,
  "Completely repainted, factory paint visible": null,
  "red leather seats": null,
};
for (const [text, paint] of Object.entries(PAINTS)) {
  Deno.test(`paint in "${text.replaceAll("\n", " / ")}"`, () =>
    assert.equal(paintInText(text), paint));
}

Deno.test("lines that are there for searches only are left out", () => {
  const own = "2015 Camry LE with only 52000 miles.";
  assert.equal(withoutSearchWords(`${own}\nSubaru Honda Toyota acura wagon awd jeep truck`), own);
  assert.equal(
    withoutSearchWords(`${own}\n2018* Ford* F-150* 2018_Ford_F-150_ *Ford* *F-150* *Raptor*`),
    own,
  );
  assert.equal(withoutSearchWords("Nice. Compare to Ford Explorer").trim(), "Nice.");
  assert.equal(withoutSearchWords(own), own);
});

Deno.test("a slip is one edit in a short word and two in a long one, never in a number", () => {
  assert.ok(nearlySame("frontoer", "frontier"));
  assert.ok(nearlySame("camary", "camry"));
  assert.ok(!nearlySame("fusion", "vision"));
  assert.ok(!nearlySame("f150", "f250"));
  assert.ok(!nearlySame("rio", "reo"));
  const word = fc.stringMatching(/^[a-z]{1,12}$/);
  fc.assert(
    fc.property(word, word, (one, other) => {
      assert.equal(nearlySame(one, other), nearlySame(other, one));
      assert.equal(nearlySame(one, one), one.length >= 5);
    }),
    { seed: 20261122 },
  );
});

Deno.test("words stand in the text where they say, and keys hold letters and digits only", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (text) => {
      for (const { text: word, at, end, key } of tokensOf(text)) {
        assert.equal(text.slice(at, end), word);
        assert.equal(key, keyOf(word));
        assert.match(key, /^[\p{L}\d]*$/u);
      }
    }),
    { seed: 20261122 },
  );
});
