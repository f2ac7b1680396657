/** Making a database from schema files. */
import assert from "node:assert/strict";
import { type SchemaFile } from "../../../local/schema/files.ts";
import { loadSchemas } from "../../../local/schema/load.ts";
import { connectAs } from "../../../local/postgres/sql.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../../../local/schema/temporary.ts";

function test(name: string, use: (database: TemporaryDatabase) => Promise<void>): void {
  Deno.test(name, async () => {
    const database = await startTemporaryDatabase();
    try {
      await use(database);
    } finally {
      await database.stop();
    }
  });
}

const files = (texts: Record<string, string>): SchemaFile[] =>
  Object.entries(texts).map(([name, text]) => ({ name, text }));

test("files may stand in any order, but for the foundation", async ({ port }) => {
  await loadSchemas(
    port,
    files({
      "a/view.sql":
        "create view public.cheap as select * from public.cars where public.is_cheap(price);",
      "b/cars.sql": "create table public.cars (price int);",
      "c/function.sql":
        "create function public.is_cheap(p int) returns boolean language sql immutable return p < 10;",
      "foundation/grants.sql": "alter default privileges revoke execute on functions from public;" +
        "alter default privileges in schema public revoke execute on functions from anon;",
    }),
  );
  const sql = connectAs("postgres", port);
  const [row] = await sql`
    select has_function_privilege('anon', 'public.is_cheap(int)', 'execute') as may,
      to_regclass('public.cheap') is not null as there`.finally(() => sql.end());
  assert.deepEqual([row?.there, row?.may], [true, false]);
});

test("a file that is refused is named with its line, and not those that wait for it", async ({ port }) => {
  const broken = files({
    "a/view.sql": "create view public.cheap as select * from public.cars;",
    "b/cars.sql": "-- Cars.\n\ncreate table public.cars (\n  price nothing\n);",
  });
  await assert.rejects(loadSchemas(port, broken), (error: Error) => {
    assert.match(error.message, /^supabase\/schemas\/b\/cars\.sql: type "nothing" does not exist/);
    assert.doesNotMatch(error.message, /view\.sql/);
    return true;
  });
});

test("a function whose body does not hold is refused", async ({ port }) => {
  const wrong = files({
    "a/wrong.sql":
      "create function public.wrong() returns int language sql as $$ select nope from cars $$;",
  });
  await assert.rejects(loadSchemas(port, wrong), /public\.wrong: .*"cars" does not exist/);
});
