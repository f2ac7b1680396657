import assert from "node:assert/strict";
import { objection } from "../../../scripts/check/layers.ts";

const shared = (path: string) => `supabase/functions/_shared/${path}`;

Deno.test("a layer may import itself and those below it", () => {
  assert.equal(objection(shared("reading/vin.ts"), shared("reading/text.ts")), null);
  assert.equal(objection(shared("actions/scrape.ts"), shared("store/apply.ts")), null);
  assert.equal(objection(shared("runtime/tools.ts"), shared("actions/scrape.ts")), null);
});

Deno.test("a layer may not import one above it, and the words name both", () => {
  const why = objection(shared("reading/vin.ts"), shared("sources/registry.ts"));
  assert.match(why ?? "", /reading must not import sources/);
  assert.match(objection(shared("domain/page.ts"), shared("store/client.ts")) ?? "", /nothing/);
  assert.match(objection(shared("store/apply.ts"), shared("fetching/http.ts")) ?? "", /store/);
});

Deno.test("nothing in _shared imports from outside it, and a function only from it", () => {
  assert.match(objection(shared("store/apply.ts"), "local/stack.ts") ?? "", /outside _shared/);
  const entry = "supabase/functions/micro-scrape-bandaid/index.ts";
  assert.equal(objection(entry, shared("runtime/serve.ts")), null);
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
