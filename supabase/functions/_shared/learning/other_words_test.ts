import assert from "node:assert/strict";
import { apply } from "./apply.ts";
import { induce } from "./induce.ts";

const WORDS = { RWD: "Rear-Wheel Drive", FWD: "Front-Wheel Drive", AWD: "All-Wheel Drive" };
const HELD = ["RWD", "FWD", "AWD"] as const;
const heldAt = (at: number) => HELD[(at >> 1) % 3] ?? "RWD";
const page = (words: string, at: number) =>
  `<dl><dt>No.<dd>${at}<dt>Driven wheels<dd>${words}<dt>Colour<dd>Red ${at}</dl>`;

function learned(held: (at: number) => string | null, words = (at: number) => WORDS[heldAt(at)]) {
  const numbers = Array.from({ length: 18 }, (_, at) => at);
  return induce(
    numbers.map((at) => page(words(at), at)),
    numbers.map((at) => ({ drive: held(at) })),
    { drive: "text" },
  );
}

Deno.test("what the pages say in other words is read as it is held", () => {
  const read = apply(learned(heldAt), page("All-Wheel Drive", 90)).drive;
  assert.equal(read?.value, "AWD");
  assert.match(read?.rule ?? "", /label "driven wheels" before, in other words/);
});

Deno.test("words that were never seen mean nothing, whatever they are", () => {
  const map = learned(heldAt);
  for (const words of ["Six-Wheel Drive", "constructor", "__proto__"]) {
    assert.equal(apply(map, page(words, 90)).drive, undefined);
  }
});

Deno.test("an old fact in ten changes no word's meaning", () => {
  const map = learned((at) => at % 9 === 4 ? "AWD" : heldAt(at));
  assert.equal(apply(map, page("Front-Wheel Drive", 90)).drive?.value, "FWD");
});

Deno.test("words that stand for two values teach nothing", () => {
  const map = learned(heldAt, (at) => at % 4 === 0 ? "Two wheels" : at % 2 === 0 ? "Four" : "Some");
  assert.deepEqual(map.templates[0]?.fields.drive?.rules, []);
});

Deno.test("words that a few pages share by chance with a value teach nothing", () => {
  const town = (at: number) => ["Boise", "Reno", "Tacoma"][at] ?? `Town ${at >> 1}`;
  const map = learned((at) => at < 2 ? "RWD" : HELD[(at * 5 >> 1) % 3] ?? "RWD", town);
  assert.deepEqual(map.templates[0]?.fields.drive?.rules, []);
});

Deno.test("a value that the pages write in lower case is written as it is held", () => {
  const colours = ["Deep Red", "Pale Blue", "Jet Black", "Off White"];
  const shown = (at: number) =>
    `<dl><dt>Paint<dd>${colours[at % 4]?.toLowerCase()}</dl><p>${at}</p>`;
  const numbers = Array.from({ length: 16 }, (_, at) => at);
  const map = induce(numbers.map(shown), numbers.map((at) => ({ paint: colours[at % 4] ?? "" })));
  assert.equal(apply(map, shown(21)).paint?.value, "Pale Blue");
});
