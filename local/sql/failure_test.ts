import assert from "node:assert/strict";
import { failureText } from "./failure.ts";

const failed = (message: string, more: Record<string, string> = {}) =>
  Object.assign(new Error(message), { severity: "ERROR", code: "42703", ...more });
const typed = (text: string) => ({ text, line: 1, column: 1, file: null });

Deno.test("a mark stands under the place that Postgres names, counted in characters", () => {
  const text = failureText(
    failed("no such column", { position: "13" }),
    typed("select '🚗', nope"),
  );
  assert.deepEqual(text.split("\n"), [
    "ERROR:  no such column (42703)",
    "LINE 1: select '🚗', nope",
    `${" ".repeat("LINE 1: ".length + 12)}^`,
  ]);
});

Deno.test("of a file the line and column are those of the file", () => {
  const source = { text: "select\n  nope", line: 10, column: 5, file: "a.sql" };
  assert.match(failureText(failed("x", { position: "10" }), source), /^a\.sql:11:3: ERROR: {2}x/);
  assert.match(failureText(failed("x", { position: "1" }), source), /^a\.sql:10:5: ERROR/);
  assert.match(failureText(failed("x"), source), /^a\.sql:10:5: ERROR: {2}x \(42703\)$/);
});

Deno.test("of a long line the part around the place is shown", () => {
  const text = `select ${"a, ".repeat(200)}nope`;
  const [, line = "", mark = ""] = failureText(
    failed("x", { position: String(text.indexOf("nope") + 1) }),
    typed(text),
  ).split("\n");
  assert.ok(line.length < 120);
  assert.equal(line.slice(mark.indexOf("^")).startsWith("nope"), true);
});

Deno.test("detail, hint, and where in a function follow", () => {
  const text = failureText(
    failed("x", {
      detail: "d",
      hint: "h",
      where: "PL/pgSQL function f()",
      internalQuery: "select y",
      internalPosition: "8",
    }),
    typed("select f()"),
  );
  assert.equal(
    text,
    "ERROR:  x (42703)\nDETAIL:  d\nHINT:  h\nIN: select y\n           ^\nCONTEXT:  PL/pgSQL function f()",
  );
});

Deno.test("an error that is none of Postgres' is its message", () => {
  assert.equal(
    failureText(new Error("Connection terminated"), typed("select 1")),
    "ERROR:  Connection terminated",
  );
});
