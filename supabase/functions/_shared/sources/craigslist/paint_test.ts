import assert from "node:assert/strict";
import { paintInText, repaintInText } from "./paint.ts";

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

const REPAINTS: Readonly<Record<string, string | null>> = {
  "Repainted in Guards Red": "guards red",
  "fresh repaint in black": "black",
  "painted satin black last year": "satin black",
  "paint is red with black interior": "red",
  "wheels painted black": null,
  "the frame was painted black": null,
  "needs to be painted white": null,
  "Painted red for a little while, now custom paint": null,
  "All under hood was factory black. New door panels": null,
};
for (const [text, paint] of Object.entries(REPAINTS)) {
  Deno.test(`painted in "${text}"`, () => assert.equal(repaintInText(text), paint));
}
