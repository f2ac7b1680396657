import { strict as assert } from "node:assert";
import { readOptions } from "./options.ts";

Deno.test("options are read, and unknown ones refused", () => {
  assert.deepEqual(readOptions(["--corpus", "dir", "--json"]), {
    keep: false,
    corpus: "dir",
    fill: false,
    quick: false,
    trouble: false,
    json: true,
    help: false,
  });
  assert.throws(() => readOptions(["--fast"]), TypeError);
  assert.throws(() => readOptions(["--quick"]), TypeError);
  assert.throws(() => readOptions(["--fill", "--corpus", "dir"]), TypeError);
  assert.throws(() => readOptions(["--trouble", "--fill"]), TypeError);
  assert.equal(readOptions(["--fill", "--quick"]).quick, true);
});
