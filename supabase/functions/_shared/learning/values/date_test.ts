import assert from "node:assert/strict";
import { date } from "./date.ts";

const read = (text: string) => date.read(text, null).map(({ normal }) => normal);

Deno.test("a day is read in the languages of the web's shops", () => {
  for (
    const text of [
      "March 5, 2021",
      "5 March 2021",
      "5. März 2021",
      "5 de marzo de 2021",
      "le 5 mars 2021",
      "05.03.2021",
      "2021-03-05T10:00:00Z",
      "2021年3月5日",
      "5 marca 2021",
    ]
  ) assert.deepEqual(read(text), ["2021-03-05"], text);
});

Deno.test("a day that could be two gives both, and by a convention one", () => {
  assert.deepEqual(read("3/4/2021"), ["2021-04-03", "2021-03-04"]);
  assert.deepEqual(date.read("3/4/2021", "month first").map(({ normal }) => normal), [
    "2021-03-04",
  ]);
  assert.deepEqual(read("25/12/2021"), ["2021-12-25"]);
});

Deno.test("no such day is no date", () => {
  assert.deepEqual(read("31 February 2021"), []);
  assert.deepEqual(read("13.13.2021"), []);
  assert.deepEqual(read("Room 5, 2021"), []);
});
