import assert from "node:assert/strict";
import { nameOf, nextVersion } from "./options.ts";

Deno.test("a name is one word in lower case", () => {
  assert.equal(nameOf(["add_auction_fees"]), "add_auction_fees");
  assert.throws(() => nameOf([]), /^Error: A migration needs a name/);
  assert.throws(() => nameOf(["add", "fees"]), /^Error: One name, not 2: add_fees/);
  for (const bad of ["Add", "add fees", "1_add", "ab", "../add", "add-fees", "a".repeat(61)]) {
    assert.throws(() => nameOf([bad]), /is no name/, bad);
  }
});

Deno.test("a version is the time in UTC", () => {
  const now = new Date("2027-01-31T17:05:09.700Z");
  assert.equal(nextVersion(now, ["20251202", "20270131170508"]), "20270131170509");
});

Deno.test("a version is later than all that there are, whatever the clock says", () => {
  const now = new Date("2026-12-01T00:00:00Z");
  assert.equal(nextVersion(now, ["20261213235959", "20261202"]), "20261214000000");
  assert.equal(nextVersion(now, ["20261202"]), "20261202000001");
});
