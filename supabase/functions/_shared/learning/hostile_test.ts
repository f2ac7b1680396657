import assert from "node:assert/strict";
import { apply } from "./apply.ts";
import { induce } from "./induce.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);
const codeOf = (at: number) => `ZX${70_000 + at * 37}`;

function learnedFrom(pages: readonly string[], value: (at: number) => string | null) {
  return induce(pages, pages.map((_, at) => ({ code: value(at) })), { code: "code" });
}

Deno.test("a value that only comments, scripts and hidden text repeat teaches nothing", () => {
  const pages = numbers(12).map((at) =>
    `<!-- Code: ${codeOf(at)} --><script>x="${codeOf(at)}"</script>
     <p style="display:none">Code: ${codeOf(at)}</p><h1>Item</h1><p>Shown ${at}</p>`
  );
  const field = learnedFrom(pages, codeOf).templates[0]?.fields.code;
  assert.match(field?.givenUp ?? "", /0 of 12 pages show the known value/);
});

Deno.test("a value that stands in another item's box is not taken from there", () => {
  const page = (own: number | null, other: number) =>
    `<main>${own === null ? "" : `<p>Code: <b>${codeOf(own)}</b></p>`}<h1>Item</h1></main>
     <aside><p>Code: <b>${codeOf(other)}</b></p></aside>`;
  const map = learnedFrom(numbers(15).map((at) => page(at, (at + 1) % 15)), codeOf);
  assert.equal(apply(map, page(50, 3)).code?.value, codeOf(50));
  assert.equal(apply(map, page(null, 3)).code, undefined);
});

Deno.test("facts that are all equal teach nothing, and it is said why", () => {
  const pages = numbers(20).map((at) => `<p>Code: <b>ZX1234</b></p><p>${at}</p>`);
  const field = learnedFrom(pages, () => "ZX1234").templates[0]?.fields.code;
  assert.deepEqual(field?.rules, []);
  assert.match(field?.givenUp ?? "", /one value on all pages/);
});

Deno.test("where a switch of the template moves a value, no rule reads the wrong one", () => {
  const page = (at: number, switched: boolean) => {
    const [own, old] = [`<p>${codeOf(at)}</p>`, `<p>${codeOf(at + 500)}</p>`];
    return `<h1>Item ${at}</h1><div>${switched ? old + own : own + old}</div>`;
  };
  const map = learnedFrom(numbers(20).map((at) => page(at, at % 2 === 0)), codeOf);
  for (const at of numbers(20)) {
    const read = apply(map, page(at + 100, at % 3 === 0)).code?.value;
    assert.ok(read === undefined || read === codeOf(at + 100), `${read}`);
  }
});

Deno.test("pages 5,000 elements deep are learned from like any other", () => {
  const page = (at: number) =>
    `${"<div>".repeat(5_000)}<p>Code: <b>${codeOf(at)}</b></p>${"</div>".repeat(5_000)}`;
  const map = learnedFrom(numbers(6).map(page), codeOf);
  assert.equal(apply(map, page(90)).code?.value, codeOf(90));
});
