import assert from "node:assert/strict";
import { examplesIn, isRun } from "./examples.ts";

const doc = (info: string) =>
  ["/**", " * Doubles.", " *", " * @example", ` * \`\`\`${info}`, " * f(1);", " * ```", " */", ""]
    .join("\n");

Deno.test("a block of TypeScript in a doc comment is an example, with its line", () => {
  assert.deepEqual(examplesIn(`const a = 1;\n${doc("ts")}`), [{ line: 6, info: "ts" }]);
  assert.equal(examplesIn(doc("ts") + doc("ts")).length, 2);
});

Deno.test("a block in another language is no example", () => {
  assert.deepEqual(examplesIn(doc("sql") + doc("json")), []);
});

Deno.test("an example that Deno would pass over is seen", () => {
  assert.deepEqual(
    examplesIn(doc("ts") + doc("ts ignore") + doc("")).map(isRun),
    [true, false, false],
  );
});
