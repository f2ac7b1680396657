import assert from "node:assert/strict";
import { apply } from "./apply.ts";
import { induce } from "./induce.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

Deno.test("the unit behind a number is its label", () => {
  const page = (at: number) =>
    `<ul><li>${at % 7 + 2} doors<li>${1_000 + at * 371} miles${
      at % 2 ? "" : "<li>New"
    }<li>40,000</ul>`;
  const pages = numbers(16);
  const map = induce(pages.map(page), pages.map((at) => ({ mileage: 1_000 + at * 371 })));
  const read = apply(map, page(70)).mileage;
  assert.equal(read?.value, 26_970);
  assert.match(read?.rule ?? "", /unit "miles" behind/);
  assert.equal(apply(map, "<ul><li>3 doors<li>40,000<li>26,970 km</ul>").mileage, undefined);
});

const KINDS = ["Coupe", "Sedan", "Wagon"];
const listed = (at: number) => `<ul><li>${KINDS[at % 3]}<li>${5_000 + at * 17}<li>Boise ${at}</ul>`;

Deno.test("a number after another field's value has no label: it is not sure", () => {
  const pages = numbers(60);
  const facts = pages.map((at) => ({ kind: KINDS[at % 3] ?? "", price: 5_000 + at * 17 }));
  const read = apply(induce(pages.map(listed), facts), listed(90)).price;
  assert.ok(read === undefined || read.confidence <= 0.6, read?.rule);
});

Deno.test("words after another field's value are no field for that", () => {
  const pages = numbers(60);
  const facts = pages.map((at) => ({ kind: KINDS[at % 3] ?? "", place: `Boise ${at}` }));
  const { rules = [] } = induce(pages.map(listed), facts).templates[0]?.fields.place ?? {};
  assert.deepEqual(rules.filter(({ by, anchor }) => by === "before" && /[a-z]/.test(anchor)), []);
});

Deno.test("old facts that many pages show by chance do not speak against a label", () => {
  const colour = (at: number) => ["Red", "Blue", "Green", "White", "Black"][at * 7 % 5] ?? "";
  const page = (at: number) =>
    `<dl><dt>Paint<dd>${colour(at)}</dl><aside><p>Also in <b>${colour(at + 1)}</b> and <b>${
      colour(at + 3)
    }</b></aside>`;
  const pages = numbers(20);
  const facts = pages.map((at) => ({
    paint: at % 5 === 2 ? colour(at + (at % 2) * 2 + 1) : colour(at),
    code: at % 5 === 4 ? `X-${at}` : `X-${at + 100}`,
  }));
  const html = pages.map((at) => page(at).replace("</dl>", `<dt>Code<dd>X-${at + 100}</dl>`));
  const map = induce(html, facts);
  assert.equal(apply(map, page(77)).paint?.value, colour(77));
});
