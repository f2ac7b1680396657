import assert from "node:assert/strict";
import process from "node:process";
import { apply, applyToIndex } from "./apply.ts";
import { induce, learnFieldOf, surveyField, templateOfFields } from "./induce.ts";
import { indexPage } from "./index/page_index.ts";
import type { FieldMap } from "./rule.ts";

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

Deno.test("what readers write below an item is not its own, though they name it", () => {
  const page = (own: number | null, named: number, learning: boolean) =>
    `<main>${own === null ? "" : `<dl><dt>Code<dd>${codeOf(own)}</dl>`}</main><ol>${
      numbers(5).map((at) =>
        `<li><b>Ann ${at}</b> <p>Code: ${
          codeOf(learning && own !== null && at === own % 5 ? own : named + at)
        }</p>`
      ).join("")
    }</ol>`;
  const map = learnedFrom(numbers(20).map((at) => page(at, at + 900, true)), codeOf);
  assert.equal(apply(map, page(50, 70, false)).code?.value, codeOf(50));
  for (
    const read of [apply(map, page(null, 70, false)).code, apply(map, page(null, 3, true)).code]
  ) {
    assert.equal(read, undefined);
  }
});

Deno.test("a label that stands a thousand times, each time with another value, reads nothing", () => {
  const map = learnedFrom(numbers(12).map((at) => `<p>Code: <b>${codeOf(at)}</b></p>`), codeOf);
  const page = numbers(1_000).map((at) => `<p>Code: <b>${codeOf(at + 100)}</b></p>`).join("");
  assert.equal(apply(map, page).code, undefined);
});

Deno.test("no rule reads further than the values that it was learned from", () => {
  const names = numbers(16).map((at) => `Name of item ${at * 7}`);
  const page = (name: string) => `<h1>${name}</h1><p>Sold by us</p>`;
  const map = induce(names.map(page), names.map((name) => ({ name })), { name: "text" });
  assert.equal(apply(map, page("Name of item 3")).name?.value, "Name of item 3");
  assert.equal(apply(map, page("word ".repeat(2_000))).name, undefined);
  assert.equal(apply(map, page("…")).name, undefined);
});

/** Milliseconds of CPU of a call. */
function cpuOf(call: () => unknown): number {
  const before = process.cpuUsage();
  call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

Deno.test("a page of 8 MB and more costs a bounded time, to learn from and to read", () => {
  const texts = numbers(60_000).map((at) =>
    `<p>Remark ${at} of ${1980 + at % 40}: ${"so ".repeat(40)}</p>`
  )
    .join("");
  const page = (at: number) => `<p>Code: <b>${codeOf(at)}</b></p>${texts}`;
  assert.ok(page(0).length > 8_000_000);
  const indexes = numbers(8).map((at) => {
    let index = indexPage("");
    // Twice as much and more as is measured, for busy machines.
    assert.ok(cpuOf(() => index = indexPage(page(at))) < 2_000);
    return index;
  });
  const facts = numbers(8).map((at) => ({ code: codeOf(at) }));
  const types = { code: "code" } as const;
  const surveys = { code: surveyField("code", indexes, facts, types) };
  const fields: Record<string, FieldMap> = {};
  assert.ok(cpuOf(() => fields.code = learnFieldOf("code", indexes, facts, surveys)) < 3_000);
  const template = templateOfFields("large", indexes, fields);
  const read = applyToIndex({ version: 1, templates: [template] }, indexPage(page(90)));
  assert.equal(read.code?.value, codeOf(90));
});

Deno.test("fields may have any name", () => {
  const names = ["constructor", "toString", "a|b"];
  const facts = numbers(8).map((at) => Object.fromEntries(names.map((name) => [name, codeOf(at)])));
  const map = induce(numbers(8).map((at) => `<p>Code: <b>${codeOf(at)}</b></p>`), facts);
  const read = apply(map, `<p>Code: <b>${codeOf(99)}</b></p>`);
  assert.deepEqual(names.map((name) => read[name]?.value), names.map(() => codeOf(99)));
});
