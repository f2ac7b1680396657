import assert from "node:assert/strict";
import { isWhole, splitStatements } from "./statements.ts";

const texts = (source: string) => splitStatements(source).map((statement) => statement.text);

Deno.test("statements end at semicolons; the last one needs none", () => {
  assert.deepEqual(texts("select 1; select 2;\n select 3"), ["select 1", "select 2", "select 3"]);
  assert.deepEqual(texts(" ;; \n-- nothing\n/* here */"), []);
});

Deno.test("a semicolon in a quote, an identifier, a comment or a dollar quote ends nothing", () => {
  for (
    const source of [
      "select 'a;b''c;'",
      `select ";" from "a;b"`,
      "select E'it\\'s;' || 'x'",
      "select 1 -- one; two\n + 2",
      "select /* a; /* nested; */ b; */ 1",
      "do $$ begin; end; $$",
      "do $body$ select $$;$$; $body$",
    ]
  ) assert.deepEqual(texts(source), [source]);
});

Deno.test("a parameter such as $1 opens no dollar quote", () => {
  assert.deepEqual(texts("select $1; select $2"), ["select $1", "select $2"]);
});

Deno.test("a body of begin atomic is one statement, with a case inside", () => {
  const body =
    "create function f() returns int begin atomic; select case when true then 1 end; select 2; end";
  assert.deepEqual(texts(`${body}; select 3`), [body, "select 3"]);
});

Deno.test("a statement's line is that of its first word", () => {
  const source = "\n-- first\nselect 1;\n\n/* two\nlines */ select\n2;";
  assert.deepEqual(splitStatements(source).map((statement) => statement.line), [3, 6]);
});

Deno.test("a text is whole when its last statement has ended, wherever the semicolon stands", () => {
  for (const text of ["select 1;", "select 1; -- done", "select ';';", "do $$ begin; end $$;\n"]) {
    assert.equal(isWhole(text), true, text);
  }
  for (
    const text of [
      "",
      "-- nothing",
      "select 1",
      "select 1; select 2",
      "select 'a;",
      "select E'it\\';",
      'select ";',
      "do $$ begin;",
      "select 1 /* ;",
      "create function f() returns int begin atomic; select 1;",
    ]
  ) assert.equal(isWhole(text), false, text);
});
