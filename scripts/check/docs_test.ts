import assert from "node:assert/strict";
import { sqlOf } from "./docs.ts";

Deno.test("SQL stands in blocks and within the text, each with its line", () => {
  const text =
    "# A\n\n```sql\nselect 1;\n```\n\nType `select two();` here.\n\n```bash\nselect nothing\n```\n";
  assert.deepEqual(sqlOf(text), [{ sql: "select 1;\n", line: 3 }, {
    sql: "select two();",
    line: 7,
  }]);
});

Deno.test("a placeholder of a vehicle becomes a uuid", () => {
  assert.match(sqlOf("`select f('your-vehicle-id');`")[0]?.sql ?? "", /f\('0000/);
});
