import assert from "node:assert/strict";
import { fitted, render, type Result, tableWidth } from "./result.ts";

const [BOOL, INT8, INT4, TEXT, FLOAT8, NUMERIC, JSONB, TEXTS] = [
  ...[16, 20, 23, 25, 701, 1700, 3802, 1009],
];
const of = (columns: [string, number | undefined][], ...rows: (string | null)[][]): Result => ({
  columns: columns.map(([name, oid = 0]) => ({ name, oid })),
  rows,
  tag: `SELECT ${rows.length}`,
});

Deno.test("a table has aligned columns, numbers to the right, and its number of rows", () => {
  const result = of([["year", INT4], ["make", TEXT], ["nothing", TEXT]], [
    "1988",
    "Citroën",
    null,
  ], ["7", "🚗", "a\nb"]);
  assert.equal(
    render(result, "table"),
    [
      " year | make    | nothing",
      "------+---------+---------",
      " 1988 | Citroën |",
      "    7 | 🚗       | a⏎b",
      "(2 rows)",
    ].join("\n"),
  );
  assert.equal(tableWidth(result), 26);
});

Deno.test("what gives no rows says what it did; what gives some besides, says both", () => {
  const nothing = { columns: [], rows: [], tag: "UPDATE 3" };
  assert.equal(render(nothing, "table"), "UPDATE 3");
  assert.equal(render(nothing, "csv"), "");
  assert.equal(render(nothing, "json"), "");
  const returning = { ...of([["id", INT4]], ["1"]), tag: "INSERT 1" };
  assert.match(render(returning, "table"), /\(1 row\)\nINSERT 1$/);
});

Deno.test("records have a column a line", () => {
  assert.equal(
    render(of([["id", INT4], ["about", TEXT]], ["1", "a\nb"]), "records"),
    ["-[ 1 ]-", "id    | 1", "about | a", "      | b", "(1 row)"].join("\n"),
  );
});

Deno.test("CSV tells nothing from an empty text, and quotes what would end a field", () => {
  const result = of([["a", TEXT], ["b,c", TEXT]], ["", null], ['say "x"', "1\n2"]);
  assert.equal(render(result, "csv"), 'a,"b,c"\n"",\n"say ""x""","1\n2"');
});

Deno.test("JSON keeps numbers, JSON and lists as they are, and exact", () => {
  const result = of(
    [["n", INT8], ["price", NUMERIC], ["f", FLOAT8], ["t", BOOL], ["j", JSONB], ["l", TEXTS], [
      "s",
      TEXT,
    ]],
    ["9007199254740993", "1.50", "NaN", "t", '{"a": 1.0}', '{x,"a b",NULL}', "7"],
    [null, null, null, "f", "null", null, "\u2028"],
  );
  assert.equal(
    render(result, "json"),
    '[\n{"n": 9007199254740993, "price": 1.50, "f": "NaN", "t": true, "j": {"a": 1.0}, "l": ["x","a b",null], "s": "7"},\n' +
      '{"n": null, "price": null, "f": null, "t": false, "j": null, "l": null, "s": "\u2028"}\n]',
  );
  assert.equal(render(of([["n", INT4]]), "json"), "[]");
});

Deno.test("a table that is too wide is cut in its last column, to no less than can be read", () => {
  const result = of([["name", TEXT], ["about", TEXT]], ["vehicles", "x".repeat(200)]);
  assert.equal(tableWidth(fitted(result, 60)), 60);
  assert.equal(tableWidth(fitted(result, 10)), 8 + 20 + 5);
  assert.match(render(fitted(result, 60), "table"), /x…\n\(1 row\)$/);
});
