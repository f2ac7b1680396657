import assert from "node:assert/strict";
import { sharedStack, sql as connect, withStack } from "../../support/stack.ts";
import { removeClusterHome } from "../../../local/cluster_home.ts";
import { applyMigrations, compareRecord, type Migration } from "../../../local/migrations.ts";

const shared = sharedStack({ migrations: false, cron: false });

function test(
  name: string,
  run: (sql: Awaited<ReturnType<typeof shared>>["sql"]) => Promise<void>,
): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => await run((await shared()).sql),
  });
}

const migration = (version: string, text: string): Migration => ({
  version,
  name: "test",
  path: `${version}_test.sql`,
  text,
});

test("it is Postgres 17, and we are the hosted role postgres: no superuser, past row level security", async (sql) => {
  const [role] = await sql`
    select current_user as name, rolsuper, rolcreaterole, rolbypassrls, current_setting('server_version_num')::int as version
    from pg_roles where rolname = current_user`;
  assert.deepEqual({ ...role, version: Math.floor(role?.version / 10_000) }, {
    name: "postgres",
    rolsuper: false,
    rolcreaterole: true,
    rolbypassrls: true,
    version: 17,
  });
  await assert.rejects(sql`alter system set work_mem = '1GB'`, /permission denied/);
});

test("the roles of a hosted project are there, and only service_role passes row level security", async (sql) => {
  const roles = await sql`
    select rolname, rolbypassrls from pg_roles where rolname in ('anon', 'authenticated', 'service_role') order by 1`;
  assert.deepEqual(roles.map((role) => [role.rolname, role.rolbypassrls]), [
    ["anon", false],
    ["authenticated", false],
    ["service_role", true],
  ]);
});

test("a new table in public has the grants that Supabase gives it", async (sql) => {
  await sql`create table public.granted (id int)`;
  const [row] = await sql`
    select has_table_privilege('anon', 'public.granted', 'select') as anon,
      has_table_privilege('service_role', 'public.granted', 'insert') as service`;
  assert.deepEqual({ ...row }, { anon: true, service: true });
});

test("Vault keeps a secret that its owner can read and change, and anon cannot", async (sql) => {
  const [made] = await sql`select vault.create_secret('s3cret', 'test_secret', 'for a test') as id`;
  await sql`select vault.update_secret(${made?.id}, 'changed')`;
  const [kept] =
    await sql`select decrypted_secret, description from vault.decrypted_secrets where name = 'test_secret'`;
  assert.deepEqual({ ...kept }, { decrypted_secret: "changed", description: "for a test" });
  await assert.rejects(
    sql.begin(async (transaction) => {
      await transaction`set local role anon`;
      await transaction`select * from vault.decrypted_secrets`;
    }),
    /permission denied/,
  );
});

test("cron finds the way to the functions in Vault", async (sql) => {
  const { stack } = await shared();
  const secrets =
    await sql`select name, decrypted_secret from vault.decrypted_secrets where name <> 'test_secret' order by 1`;
  assert.deepEqual(secrets.map((secret) => [secret.name, secret.decrypted_secret]), [
    ["project_url", stack.url],
    ["service_role_key", stack.keys.serviceRole],
  ]);
});

test("a migration that fails names its file, the line and the reason, and leaves nothing", async (sql) => {
  const bad = migration(
    "1",
    "create table public.half (id int);\n\n-- a comment\ninsert into public.half\nvalues ('not a number');\n",
  );
  await assert.rejects(
    applyMigrations(sql, [bad]),
    /^MigrationError: 1_test\.sql:5: .*not a number/,
  );
  assert.equal((await sql`select to_regclass('public.half') as it`)[0]?.it, null);
});

test("an error inside a function that a migration calls names its own line", async (sql) => {
  const bad = migration("2", "select 1;\ndo $$ begin\n  raise exception 'inside; here';\nend $$;");
  await assert.rejects(
    applyMigrations(sql, [bad]),
    /2_test\.sql:2: inside; here.*\n.*line 2 at RAISE/s,
  );
});

test("migrations are applied once, in order, and recorded as the CLI records them", async (sql) => {
  const first = migration("3", "create table public.a ();");
  const second = migration("4", "alter table public.a add b int;");
  assert.equal((await applyMigrations(sql, [first, second])).length, 2);
  assert.deepEqual(await applyMigrations(sql, [first, second]), []);
  const rows = await sql`
    select version, name, statements from supabase_migrations.schema_migrations order by 1`;
  assert.deepEqual(rows.map((row) => [row.version, row.name, row.statements]), [
    ["3", "test", ["create table public.a ()"]],
    ["4", "test", ["alter table public.a add b int"]],
  ]);
  const edited = migration("3", "create table public.a (c int);");
  const compared = await compareRecord(sql, [edited, second]);
  assert.deepEqual(compared.edited.map((one) => one.version), ["3"]);
  assert.deepEqual([compared.gone, compared.ahead], [[], []]);
  assert.deepEqual((await compareRecord(sql, [second])).gone, ["3_test.sql"]);
  assert.deepEqual((await compareRecord(sql, [first])).ahead, ["4_test.sql"]);
});

Deno.test("what a stack with a directory holds is there again at the next start, files too", async () => {
  const dataDir = Deno.makeTempDirSync();
  const keys: string[] = [];
  for (const round of [1, 2]) {
    await withStack({ dataDir, migrations: false, cron: false }, async (stack) => {
      keys.push(stack.keys.secret);
      const sql = connect(stack);
      if (round === 1) await sql`create table public.kept as select 42 as answer`;
      assert.equal((await sql`select answer from public.kept`)[0]?.answer, 42);
      await sql.end();
    });
  }
  assert.equal(keys[0], keys[1]);
  removeClusterHome(dataDir);
  Deno.removeSync(dataDir, { recursive: true });
});
