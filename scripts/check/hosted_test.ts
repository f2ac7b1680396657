import assert from "node:assert/strict";
import { codeOnly, missing } from "./hosted.ts";

Deno.test("subprocesses, files and workers are found with their lines", () => {
  const source =
    `const a = 1;\nnew Deno.Command("ls");\nawait Deno.readTextFile("x");\nnew Worker("y");\n`;
  assert.deepEqual(missing(source).map(({ line }) => line), [2, 3, 4]);
});

Deno.test("what hosted functions have passes", () => {
  assert.deepEqual(missing(`Deno.serve(() => new Response(Deno.env.get("HOME")));`), []);
});

Deno.test("a typed array with a type argument is found, a bare one passes", () => {
  const source = `let a: Uint8Array;\nlet b: Uint8Array<ArrayBuffer>;\nlet c: BigInt64Array<X>;\n`;
  assert.deepEqual(missing(source).map(({ line }) => line), [2, 3]);
});

Deno.test("a name in a comment or a string is no use of it", () => {
  assert.deepEqual(missing(`// Deno.Command\n/* new Worker( */ const a = "Deno.readFile";`), []);
});

Deno.test("code in a template string counts", () => {
  assert.equal(missing("const a = `${Deno.readTextFileSync('x')}`;").length, 1);
});

Deno.test("blanking keeps every line where it was", () => {
  const source = `/* a\n b */ x; // y\n"z";\n`;
  assert.equal(codeOnly(source).split("\n").length, source.split("\n").length);
  assert.equal(codeOnly(source).length, source.length);
});
