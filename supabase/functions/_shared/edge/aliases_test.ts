import assert from "node:assert/strict";
import { z } from "zod";
import { withAliases } from "./aliases.ts";

const schema = withAliases(
  z.strictObject({ batch_size: z.int().min(1).default(20), dry_run: z.boolean().optional() }),
  { batchSize: "batch_size", dryRun: "dry_run" },
);
const paths = (body: unknown) =>
  schema.safeParse(body).error?.issues.map(({ path }) => path.join("."));

Deno.test("either spelling is taken, both when they say the same", () => {
  assert.deepEqual(schema.parse({}), { batch_size: 20 });
  assert.deepEqual(schema.parse({ batchSize: 5 }), { batch_size: 5 });
  assert.deepEqual(schema.parse({ batch_size: 5, dryRun: true }), { batch_size: 5, dry_run: true });
  assert.deepEqual(schema.parse({ batch_size: 5, batchSize: 5 }), { batch_size: 5 });
});

Deno.test("two values of one parameter are a mistake, reported beside all others", () => {
  assert.deepEqual(paths({ batch_size: 5, batchSize: 6 }), ["batchSize"]);
  assert.deepEqual(paths({ batch_size: 5, batchSize: 6, dry_run: 1 }), ["batchSize", "dry_run"]);
  assert.deepEqual(paths({ batch_size: 5, batchSize: undefined }), ["batchSize"]);
});

Deno.test("a mistake is reported under the spelling that was used", () => {
  assert.deepEqual(paths({ batchSize: 0 }), ["batchSize"]);
  assert.deepEqual(paths({ batch_size: 0 }), ["batch_size"]);
  assert.deepEqual(paths({ batchsize: 1 }), [""]);
});

Deno.test("what is no object is left to the schema", () => {
  for (const body of [null, 7, "text", [], undefined]) assert.deepEqual(paths(body), [""]);
});

Deno.test("names that every object has are no parameters", () => {
  assert.deepEqual(paths(JSON.parse('{"__proto__": {"batchSize": 5}}')), [""]);
  assert.deepEqual(paths({ constructor: 1 }), [""]);
});
