import assert from "node:assert/strict";
import { circleIn, objection } from "./layers.ts";

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
