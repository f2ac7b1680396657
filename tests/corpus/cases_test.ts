import assert from "node:assert/strict";
import { faultsOf, readCases } from "./cases.ts";

for (const one of readCases()) {
  Deno.test(`${one.file}: ${one.kind}`, () => assert.deepEqual(faultsOf(one), []));
}
