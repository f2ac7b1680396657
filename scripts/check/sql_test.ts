import assert from "node:assert/strict";
import { differences, wrongOrder } from "./migrations.ts";
import { upperCaseKeywords } from "./sql.ts";

Deno.test("keywords in capitals are found, also in a function's body", () => {
  const sql = "select 1;\ncreate function f() returns int language sql as $$\n  SELECT 1\n$$;";
  assert.deepEqual(upperCaseKeywords(sql), [{ line: 3, word: "SELECT" }]);
});

Deno.test("capitals in comments, strings and names do not count", () => {
  assert.deepEqual(upperCaseKeywords(`-- SELECT\nselect 'FROM', "WHERE", selected; /* ON */`), []);
});

Deno.test("databases that are alike have no differences", () => {
  const rows = [{ kind: "view", name: "v", definition: "select 1" }];
  assert.deepEqual(differences(rows, structuredClone(rows)), []);
});

Deno.test("an object more, less or different is named", () => {
  const row = (name: string, definition: string | null) => ({ kind: "view", name, definition });
  const found = differences([row("a", "1"), row("b", "1")], [row("b", "2"), row("c", null)]);
  assert.deepEqual(found.map(({ where }) => where), ["view a", "view b", "view c"]);
});

Deno.test("migrations that the CLI applies in another order, or not at all, are named", () => {
  const said = "Applying migration 1_a.sql...\nApplying migration 2_b.sql...\n";
  assert.equal(wrongOrder(said, ["1_a.sql", "2_b.sql"]), null);
  assert.match(wrongOrder(said, ["2_b.sql", "1_a.sql"]) ?? "", /1_a\.sql, 2_b\.sql/);
  assert.match(wrongOrder(said, ["1_a.sql", "2_b.sql", "3_c.sql"]) ?? "", /3_c\.sql/);
});
