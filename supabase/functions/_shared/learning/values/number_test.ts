import assert from "node:assert/strict";
import { money, number } from "./number.ts";
import type { Convention } from "./type.ts";

const sums = (text: string, convention: Convention | null = null) =>
  money.read(text, convention).map(({ start, end, normal }) => [normal, text.slice(start, end)]);

Deno.test("a sum is read as the shops of any country write it", () => {
  for (
    const [text, normal] of [
      ["$1,234.50", "1234.5"],
      ["1.234,50 €", "1234.5"],
      ["1 234,50 €", "1234.5"],
      ["CHF 1’234.50", "1234.5"],
      ["R$ 89,90", "89.9"],
      ["25,- €", "25"],
      ["12EUR", "12"],
      ["249,00 kr", "249"],
    ] as const
  ) assert.deepEqual(sums(text), [[normal, text]], text);
});

Deno.test("beside a sum with a currency, numbers without one are no sums", () => {
  assert.deepEqual(sums("€ 12,50 incl. 7 % VAT"), [["12.5", "€ 12,50"]]);
});

Deno.test("a number that could be two is read by the site's convention", () => {
  assert.deepEqual(sums("1.234", "."), [["1.234", "1.234"]]);
  assert.deepEqual(sums("1.234", ","), [["1234", "1.234"]]);
  assert.deepEqual(sums("1.234"), [["1234", "1.234"]]);
});

Deno.test("digits within codes, words and ranges are no numbers", () => {
  assert.deepEqual(number.read("978-0-13 2004-2008 1.2.3", null), []);
  assert.deepEqual(number.read("A4 and B52 of 12", null).map(({ normal }) => normal), ["12"]);
});

Deno.test("a value is found under the convention that gives it, which is told", () => {
  const [found] = number.find("1.234,5 km", "1234.5");
  assert.equal(found?.convention, ",");
});

Deno.test("k behind a number means thousands, and a word that begins with it does not", () => {
  const read = (text: string) => number.read(text, null).map(({ normal }) => normal);
  assert.deepEqual(read("36k Miles"), ["36000"]);
  assert.deepEqual(read("12.5K"), ["12500"]);
  assert.deepEqual(read("36kg"), ["36"]);
  assert.equal(number.find("123k on the clock", "123000").length, 1);
});
