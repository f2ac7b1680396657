import assert from "node:assert/strict";
import { type SumKind, sumKind } from "./price_words.ts";

const SUMS: [string, string, SumKind][] = [
  ["$", "/mo", "rate"],
  ["£", " per month", "rate"],
  ["", " € pro Monat", "rate"],
  ["ab ", ",00 € mtl.", "rate"],
  ["", " €/mois", "rate"],
  ["", " € par mois", "rate"],
  ["€ ", " p/m", "rate"],
  ["€ ", ",- per maand", "rate"],
  ["", " € al mese", "rate"],
  ["", " €/mes", "rate"],
  ["", " zł / mies.", "rate"],
  ["", " kr/mån", "rate"],
  ["Monatliche Rate: ", " €", "rate"],
  ["Leasingrate ", " €", "rate"],
  ["Payments from $", " with approved credit", "rate"],
  ["MSRP $", "", "list"],
  ["Was: $", " Now", "list"],
  ["UVP: ", " €", "list"],
  ["Prix neuf ", " €", "list"],
  ["Estimate $", " - $", "estimate"],
  ["You save $", "", "part"],
  ["Down payment $", "", "part"],
  ["Internet price $", "", "asked"],
  ["Preis ", " € monatliche Rate 199 €", "asked"],
  ["MSRP $30,000 Sale price $", "", "asked"],
  ["Kaufpreis ", " €", "asked"],
  ["Finance available. Price: $", "", "asked"],
  ["Hello $", " today", "plain"],
  ["$", " monthly payment $299", "plain"],
];
for (const [before, behind, kind] of SUMS) {
  Deno.test(`"${before}N${behind}" is ${kind}`, () => assert.equal(sumKind(before, behind), kind));
}
