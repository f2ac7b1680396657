import assert from "node:assert/strict";
import { packagesOf } from "./bundle.ts";
import { bareSpecifiers, functionConfig } from "./function_imports.ts";
import { type Graph, localPath } from "./graph.ts";

const here = import.meta.url;

function graph(imports: string[], npm: Graph["npmPackages"] = {}): Graph {
  return {
    modules: [
      { specifier: here, dependencies: imports.map((specifier) => ({ specifier })) },
      { specifier: "npm:/zod@4.0.0", npmPackage: "zod@4.0.0", dependencies: [] },
    ],
    npmPackages: npm,
  };
}

Deno.test("only bare names count, each once, sorted", () => {
  const used = ["zod", "./a.ts", "../b.ts", "node:zlib", "npm:x@1.0.0", "cheerio/slim", "zod"];
  assert.deepEqual(bareSpecifiers(graph(used)), ["cheerio/slim", "zod"]);
});

Deno.test("a function's deno.json takes its versions from the root and nothing that it does not use", () => {
  const root = { zod: "npm:zod@4.0.0", croner: "npm:croner@11.0.1" };
  const { text, unknown } = functionConfig(graph(["zod", "nowhere"]), root);
  assert.deepEqual(JSON.parse(text), { imports: { zod: "npm:zod@4.0.0" } });
  assert.deepEqual(unknown, ["nowhere"]);
});

Deno.test("packages are followed to those that they need, through a circle", () => {
  const npm = {
    "zod@4.0.0": { dependencies: ["a@1.0.0"] },
    "a@1.0.0": { dependencies: ["zod@4.0.0", "b@1.0.0"] },
    "b@1.0.0": { dependencies: [] },
    "unused@1.0.0": { dependencies: [] },
  };
  assert.deepEqual(packagesOf(graph([], npm)), ["a@1.0.0", "b@1.0.0", "zod@4.0.0"]);
});

Deno.test("a local module is named from the project's root", () => {
  assert.equal(localPath(here), "scripts/check/function_imports_test.ts");
  assert.equal(localPath("npm:/zod@4.0.0"), null);
});
