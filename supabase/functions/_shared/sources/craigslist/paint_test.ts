import assert from "node:assert/strict";
import { paintInText } from "./paint.ts";

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
