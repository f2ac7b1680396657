import assert from "node:assert/strict";
import { migrationText } from "./text.ts";

const reserved = new Set(["order", "position"]);
const written = (sql: string, source = "") =>
  migrationText("Title.", [{ sql, loses: null }], [{ name: "a.sql", text: source }], reserved);

Deno.test("a statement is written in lower case, and quoted only where it must be", () => {
  assert.equal(
    written(`ALTER TABLE "public"."bids" ADD COLUMN "order" text DEFAULT 'A "B"'::text`),
    `-- Title.\n\nalter table public.bids\n  add column "order" text default 'A "B"'::text;\n`,
  );
});

Deno.test("all privileges are called all", () => {
  const every = "DELETE, INSERT, MAINTAIN, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE";
  assert.match(
    written(`GRANT ${every} ON TABLE "public"."bids" TO "service_role"`),
    /\ngrant all on table public\.bids to service_role;\n$/,
  );
});

Deno.test("a function is written as supabase/schemas has it, with its comments", () => {
  const source =
    "create function private.two() returns int\nlanguage sql\nas $$ select 2 -- Two.\n$$;";
  const sql =
    "CREATE OR REPLACE FUNCTION private.two()\n RETURNS integer\nAS $function$ select 2 $function$";
  const text = written(sql, source);
  assert.match(text, /^set check_function_bodies = off;$/m);
  assert.match(
    text,
    /create or replace function private\.two\(\) returns int\nlanguage sql\n.*-- Two\./,
  );
});

Deno.test("of two functions of one name each is written as Postgres has it", () => {
  const source =
    "create function a.f(x int) returns int return 1;create function a.f() returns int return 2;";
  const text = written(
    "CREATE OR REPLACE FUNCTION a.f()\n RETURNS integer\n LANGUAGE sql\nRETURN 2\n",
    source,
  );
  assert.match(text, /create or replace function a\.f\(\)\n[\s\S]*return 2;\n$/);
});

Deno.test("what stands between dollars stays as it is", () => {
  const sql =
    "CREATE OR REPLACE FUNCTION a.f()\n RETURNS text\n LANGUAGE plpgsql\nAS $x$ BEGIN RETURN 'A'; END $x$";
  assert.match(written(sql), /as \$x\$ BEGIN RETURN 'A'; END \$x\$;\n$/);
});

Deno.test("an index that an operator has built before is left as it is", () => {
  assert.match(
    written(`CREATE INDEX "bids_by_day" ON "public"."bids" USING btree (day)`),
    /\ncreate index if not exists bids_by_day on public\.bids using btree \(day\);\n$/,
  );
  assert.match(
    written(`CREATE UNIQUE INDEX "one_bid" ON "public"."bids" USING btree (id)`),
    /\ncreate unique index if not exists one_bid on public\.bids/,
  );
});
