import assert from "node:assert/strict";
import { forbiddenIn } from "./texts.ts";

// Put together here, so that this file holds none of them.
const secretKey = "sb_secret_" + "a1b2c3d4e5f6a7b8c9d0e1f2";
const token = ["eyJ" + "hbGciOiJIUzI1NiIs", "eyJ" + "yb2xlIjoic2VydmljZSJ9", "c2lnbmF0dXJlLW9mLWl0"]
  .join(".");
const machinePath = "/" + "home/somebody/project";
const todo = "TO" + "DO";

Deno.test("keys, tokens and a machine's paths are found", () => {
  for (const text of [secretKey, token, `open("${machinePath}/x")`]) {
    assert.equal(forbiddenIn(`one\n${text}\n`).length, 1, text);
    assert.equal(forbiddenIn(`one\n${text}\n`)[0]?.line, 2);
  }
});

Deno.test("a path inside a URL or a project is none of a machine's", () => {
  assert.deepEqual(forbiddenIn("https://example.com/home/page/ and ./home/x/"), []);
});

Deno.test("a reminder needs a reason", () => {
  assert.equal(forbiddenIn(`// ${todo}`).length, 1);
  assert.equal(forbiddenIn(`// ${todo} later`).length, 1);
  assert.equal(forbiddenIn(`-- ${todo}`).length, 1);
  assert.equal(forbiddenIn(`# ${todo}`).length, 1);
  assert.deepEqual(forbiddenIn(`not ok 1 # ${todo}`), []);
  assert.deepEqual(forbiddenIn(`// ${todo}: goes when Postgres 18 is hosted`), []);
});

Deno.test("an action is pinned by its hash, with the version beside it", () => {
  const hash = "11bd71901bbe5b1630ceea73d27597364c9af683";
  const uses = "uses" + ": actions/checkout@";
  assert.deepEqual(forbiddenIn(`- ${uses}${hash} # v4.2.2`), []);
  for (const loose of ["v4", "main", hash.slice(0, 12), hash]) {
    assert.equal(forbiddenIn(`- ${uses}${loose}`).length, 1, loose);
  }
});

Deno.test("what is found is not repeated in full", () => {
  assert.ok(!forbiddenIn(secretKey)[0]?.message.includes(secretKey));
});
