import assert from "node:assert/strict";
import { circleIn, localImports, objection } from "./layers.ts";

const shared = (path: string) => `supabase/functions/_shared/${path}`;

Deno.test("a layer may import itself and those below it", () => {
  assert.equal(objection(shared("vehicle/vin.ts"), shared("domain/text.ts")), null);
  assert.equal(objection(shared("workers/scrape/vehicles.ts"), shared("database/apply.ts")), null);
  assert.equal(objection(shared("edge/tools.ts"), shared("workers/scrape/vehicles.ts")), null);
});

Deno.test("a layer may not import one above it, and the words name both", () => {
  const why = objection(shared("vehicle/vin.ts"), shared("sources/registry.ts"));
  assert.match(why ?? "", /vehicle must not import sources/);
  assert.match(objection(shared("domain/page.ts"), shared("database/client.ts")) ?? "", /nothing/);
  assert.match(
    objection(shared("database/apply.ts"), shared("fetching/client/http.ts")) ?? "",
    /database must not import fetching/,
  );
});

Deno.test("a test may import what its own layer may, and helpers of tests", () => {
  const test = shared("extraction/damage_test.ts");
  assert.equal(objection(test, shared("extraction/damage.ts")), null);
  assert.equal(objection(test, shared("domain/testing/page.ts")), null);
  assert.match(
    objection(test, shared("sources/bringatrailer/testing/page.ts")) ?? "",
    /extraction must not import sources/,
  );
});

Deno.test("what is there for tests is imported by tests only", () => {
  const helper = shared("vehicle/testing/arbitraries.ts");
  assert.match(objection(shared("vehicle/vin.ts"), helper) ?? "", /for tests only/);
  assert.equal(objection(shared("vehicle/vin_test.ts"), helper), null);
});

Deno.test("the imports of a test are read from its text, on one line or several", () => {
  const text = `import assert from "node:assert/strict";
import { a } from "./a.ts";
import type { B } from "../domain/b.ts";
import {
  c,
  d,
} from "./testing/c.ts";
export { e } from "./e.ts";
import "./f.ts";
const text = 'import { x } from "./x.ts"';
`;
  assert.deepEqual(localImports(shared("vehicle/a_test.ts"), text).map(([, to]) => to), [
    shared("vehicle/a.ts"),
    shared("domain/b.ts"),
    shared("vehicle/testing/c.ts"),
    shared("vehicle/e.ts"),
    shared("vehicle/f.ts"),
  ]);
});

Deno.test("nothing in _shared imports from outside it, and a function only from it", () => {
  assert.match(objection(shared("database/apply.ts"), "local/stack.ts") ?? "", /outside _shared/);
  const entry = "supabase/functions/micro-scrape-bandaid/index.ts";
  assert.equal(objection(entry, shared("edge/serve.ts")), null);
  assert.match(
    objection(entry, "supabase/functions/extract-images/index.ts") ?? "",
    /not in _shared/,
  );
});

Deno.test("a folder of _shared that has no place in the order is refused", () => {
  assert.match(
    objection(shared("helpers/x.ts"), shared("domain/page.ts")) ?? "",
    /not a known layer/,
  );
});

Deno.test("files that import each other are found, however long the way round", () => {
  assert.equal(circleIn([["a", "b"], ["b", "c"], ["a", "c"], ["c", "d"]]), null);
  assert.deepEqual(circleIn([["a", "b"], ["b", "c"], ["c", "d"], ["d", "b"]]), [
    "b",
    "c",
    "d",
    "b",
  ]);
  assert.deepEqual(circleIn([["a", "a"]]), ["a", "a"]);
});
