import assert from "node:assert/strict";
import { exportsOf, importsIn, unusedExports, withoutExport } from "./exports.ts";

const unused = (files: Record<string, string>) =>
  unusedExports(new Map(Object.entries(files)))
    .map(({ path, name, usedInside }) => `${path} ${name}${usedInside ? " (used inside)" : ""}`);

Deno.test("every kind of export is seen, and what it is called outside", () => {
  const source = `export const a = 1;
export async function b() {}
export function* c() {}
export interface D {}
export type E = 1;
export class F {}
export { g as h, type I } from "./x.ts";
const j = 2;
`;
  assert.deepEqual(exportsOf(source).map(({ name }) => name), [..."abcDEFhI"]);
});

Deno.test("imports are seen by the name in the file that they come from; packages are none", () => {
  const source = `import { a, type B as C } from "./x.ts";
import type { D } from "../y.ts";
export { e } from "./z.ts";
import * as all from "./w.ts";
import { parse } from "smol-toml";
const late = await import("./v.ts");
`;
  assert.deepEqual(importsIn(source), [
    { from: "./x.ts", names: ["a", "B"] },
    { from: "../y.ts", names: ["D"] },
    { from: "./z.ts", names: ["e"] },
    { from: "./w.ts", names: "all" },
    { from: "./v.ts", names: "all" },
  ]);
});

Deno.test("a name that no other file imports is found, and whether its own file uses it", () => {
  const found = unused({
    "lib/a.ts":
      "export const used = 1;\nexport const inner = 2;\nexport const dead = inner; // dead\n",
    "main.ts": 'import { used } from "./lib/a.ts";\n',
  });
  assert.deepEqual(found, ["lib/a.ts inner (used inside)", "lib/a.ts dead"]);
});

Deno.test("a test may look inside a file, but keeps no dead code alive", () => {
  const found = unused({
    "a.ts": "export const inner = 1;\nexport const dead = 2;\nconsole.log(inner);\n",
    "a_test.ts": 'import { dead, inner } from "./a.ts";\n',
    "testing/page.ts": "export const page = 3;\n",
    "b_test.ts": 'import { page } from "./testing/page.ts";\n',
  });
  assert.deepEqual(found, ["a.ts dead"]);
});

Deno.test("a file that is imported whole exports nothing in vain", () => {
  assert.deepEqual(
    unused({ "a.ts": "export const a = 1;\n", "b.ts": 'import * as all from "./a.ts";\n' }),
    [],
  );
});

Deno.test("a name passed on that nobody takes is dead", () => {
  const files = {
    "a.ts": "export const a = 1;\n",
    "b.ts": 'export { a } from "./a.ts";\n',
  };
  assert.deepEqual(unused(files), ["b.ts a"]);
});

Deno.test("mended, the declarations stay and are private", () => {
  const source = "export const a = 1;\nexport interface B {}\nconsole.log(a as B);\n";
  const found = unusedExports(new Map([["a.ts", source]]));
  assert.equal(
    withoutExport(source, found),
    "const a = 1;\ninterface B {}\nconsole.log(a as B);\n",
  );
});
