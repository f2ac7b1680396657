import { strict as assert } from "node:assert";
import { readOptions } from "./options.ts";

Deno.test("options are read, and unknown ones refused", () => {
  assert.deepEqual(readOptions(["--corpus", "dir", "--json"]), {
    keep: false,
    corpus: "dir",
    json: true,
    help: false,
  });
  assert.throws(() => readOptions(["--fast"]), TypeError);
});
