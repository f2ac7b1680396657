import assert from "node:assert/strict";
import { parse } from "smol-toml";
import { withSections } from "./config.ts";

const text = `[db]
major_version = 17

# Why.

[functions.c]
verify_jwt = false
`;

Deno.test("a function that is missing gets its section, in the order of names", () => {
  const made = withSections(text, ["a", "c"]);
  assert.deepEqual(Object.keys(parse(made).functions ?? {}), ["a", "c"]);
  assert.match(made, /# Why\.\n\n\[functions\.a\]\nverify_jwt = false\n/);
  assert.match(made, /\n\n\[functions\.c\]\nverify_jwt = false\n$/);
});

Deno.test("a text that names them all stays as it is", () => {
  assert.equal(withSections(text, ["c"]), text);
});
