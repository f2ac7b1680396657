import assert from "node:assert/strict";
import { apply, applyToIndex } from "./apply.ts";
import {
  induce,
  learnFieldOf,
  learnTemplate,
  surveyField,
  templateOfFields,
  templatesOf,
  typesOf,
} from "./induce.ts";
import { indexPage } from "./index/page_index.ts";
import { extractionMap } from "./rule.ts";
import { makePages, score, type ShopPage } from "./testing/scene.ts";

const learn = (pages: readonly ShopPage[]) =>
  induce(pages.map(({ html }) => html), pages.map(({ facts }) => facts));

/** Learned on the first pages of each of three shops, and applied to the rest; over several seeds. */
function learnedAndRead(
  seeds: readonly number[],
  wishes: { learned: number; stale?: number; optional?: number },
) {
  const total = { stated: 0, right: 0, wrong: [] as string[], invented: [] as string[] };
  for (const seed of seeds) {
    const pages = makePages({ seed, shops: 3, pagesEach: wishes.learned + 20, ...wishes });
    const map = learn(pages.slice(0, wishes.learned * 3));
    assert.equal(map.templates.length, 3, `seed ${seed}`);
    const one = score(pages.slice(wishes.learned * 3), (html) => apply(map, html));
    total.stated += one.stated;
    total.right += one.right;
    total.wrong.push(...one.wrong);
    total.invented.push(...one.invented);
  }
  return { ...total, recall: total.right / total.stated };
}

Deno.test("five pages of a template teach what it shows: recall 0.97, nothing wrong", () => {
  const { recall, wrong, invented } = learnedAndRead([1, 2, 3, 4, 5, 6], { learned: 5 });
  assert.deepEqual({ wrong, invented }, { wrong: [], invented: [] });
  assert.ok(recall >= 0.97, String(recall));
});

Deno.test("a fifth of the facts may be stale: recall 0.97, nothing wrong", () => {
  const { recall, wrong, invented } = learnedAndRead([1, 2, 3, 7], { learned: 20, stale: 0.2 });
  assert.deepEqual({ wrong, invented }, { wrong: [], invented: [] });
  assert.ok(recall >= 0.97, String(recall));
});

Deno.test("a field that a third of the pages have is not invented on the others", () => {
  const { recall, wrong, invented } = learnedAndRead([1, 2, 5], { learned: 20, optional: 0.3 });
  assert.deepEqual({ wrong, invented }, { wrong: [], invented: [] });
  assert.ok(recall >= 0.94, String(recall));
});

Deno.test("a map is JSON, and its steps taken one by one give the same", () => {
  const pages = makePages({ seed: 3, shops: 2, pagesEach: 6 });
  const facts = pages.map((page) => page.facts);
  const through = <T>(value: T): T => JSON.parse(JSON.stringify(value));
  const indexes = pages.map(({ html }) => through(indexPage(html)));
  const types = typesOf(facts, {});
  const templates = through(templatesOf(indexes)).map((numbers, at) =>
    through(learnTemplate(
      `template ${at + 1}`,
      indexes.filter((_, page) => numbers.includes(page)),
      facts.filter((_, page) => numbers.includes(page)),
      types,
    ))
  );
  const map = extractionMap.parse({ version: 1, templates });
  assert.deepEqual(map, through(learn(pages)));
  const [first] = indexes;
  assert.ok(first !== undefined);
  assert.deepEqual(applyToIndex(map, first), apply(map, pages[0]?.html ?? ""));
});

Deno.test("a template learned a field at a time is the same", () => {
  const pages = makePages({ seed: 4, shops: 1, pagesEach: 8, stale: 0.2 });
  const facts = pages.map((page) => page.facts);
  const indexes = pages.map(({ html }) => indexPage(html));
  const types = typesOf(facts, {});
  const names = Object.keys(types);
  const surveys = Object.fromEntries(
    names.map((field) => [field, surveyField(field, indexes, facts, types)]),
  );
  const fields = Object.fromEntries(
    names.map((field) => [field, learnFieldOf(field, indexes, facts, surveys)]),
  );
  assert.deepEqual(
    templateOfFields("template 1", indexes, fields),
    learnTemplate("template 1", indexes, facts, types),
  );
});

Deno.test("a value is written as the facts write theirs", () => {
  const pages = Array.from({ length: 8 }, (_, at) => ({
    html: `<dl><dt>Price<dd>€ ${at + 1}.250,00<dt>Code<dd>AB-${1000 + at}<dt>Day<dd>${
      at + 1
    }. März 2020</dl>`,
    facts: { price: (at + 1) * 1000 + 250, code: `ab${1000 + at}`, day: `2020-03-0${at + 1}` },
  }));
  const map = induce(pages.map(({ html }) => html), pages.map(({ facts }) => facts));
  const read = apply(
    map,
    "<dl><dt>Price<dd>€ 17,50<dt>Code<dd>XY-7777<dt>Day<dd>24. Dez. 2021</dl>",
  );
  assert.deepEqual(
    Object.entries(read).map(([field, { value }]) => [field, value]),
    [["price", 17.5], ["code", "XY-7777"], ["day", "2021-12-24"]],
  );
});

Deno.test("confidence follows the pages held out, and is capped where they are few or only the place speaks", () => {
  const confidence = (count: number, row: (at: number) => string) => {
    const pages = Array.from({ length: count }, (_, at) => `<body>${row(at)}<p>end</p></body>`);
    const facts = pages.map((_, at) => ({ name: `Name ${at}` }));
    return induce(pages, facts, { name: "text" }).templates[0]?.fields.name?.rules[0]?.confidence;
  };
  const labelled = (at: number) => `<p><b>Name</b> <i>Name ${at}</i></p>`;
  assert.equal(confidence(14, labelled), 0.8);
  assert.equal(confidence(29, labelled), 0.9);
  assert.equal(confidence(59, labelled), 0.95);
  assert.equal(confidence(13, labelled), 0.75);
  assert.equal(confidence(59, (at) => `<p>${at}</p><div><p>Name ${at}</p></div>`), 0.6);
});
