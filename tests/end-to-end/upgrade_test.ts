/** A database of a release is upgraded, and the functions of that release work on it. */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import type postgres from "postgres";
import { startDatabase } from "../../local/database.ts";
import { applyMigrations, type Migration, readMigrations } from "../../local/migrations.ts";
import { connectAs, databaseUrl } from "../../local/postgres/sql.ts";
import { readReleases } from "../../local/releases.ts";
import { compareCatalogs, readCatalog, withoutPositions } from "../../local/schema/catalog.ts";
import { startTemporaryDatabase } from "../../local/schema/temporary.ts";
import { makeTemporaryDir } from "../../local/temporary.ts";
import { openContext } from "../../scripts/check/context.ts";
import { run } from "../../scripts/check/run.ts";
import { supabaseCli } from "../../scripts/check/supabase_cli.ts";
import { fillEveryTable } from "../../scripts/schema/fill.ts";
import { lostRows, readRows } from "../../scripts/schema/held_rows.ts";
import { copyProject, type ProjectCopy } from "../support/project_copy.ts";
import { insertListings, startWorld } from "../support/world.ts";

/** The objects and cron jobs of a database; where a column stands depends on when it came. */
async function schemaOf(port: number) {
  return withoutPositions(await readCatalog(port)).filter(({ kind }) => kind !== "rows");
}

async function assertLike(port: number, migrations: Migration[]): Promise<void> {
  const fresh = await startTemporaryDatabase(migrations);
  try {
    assert.deepEqual(compareCatalogs(await schemaOf(port), await schemaOf(fresh.port)), []);
  } finally {
    await fresh.stop();
  }
}

/** Fills every table of a database. */
async function filled(sql: postgres.Sql) {
  await fillEveryTable(sql);
  const rows = await readRows(sql);
  const empty = [...rows].filter(([, held]) => held.length === 0).map(([table]) => table);
  assert.deepEqual(empty, []);
  return rows;
}

/** A column with a check, a function, a view, a policy, and a cron job that moves. */
function editSchemas(project: ProjectCopy): void {
  project.edit(
    /(create table public\.scrape_sources \([\s\S]*?)(\n {2}created_at )/,
    "$1\n  robots_url text check (robots_url ~ '^https://'),$2",
  );
  project.edit(
    /(create function private\.backoff\([\s\S]*?as \$\$\n)/,
    "$1  -- Five hours are enough.\n",
  );
  project.edit(
    /(create view public\.backfill_dashboard [\s\S]*?)(\nfrom )/,
    "$1,\n  max(b.created_at) as newest_at$2",
  );
  project.edit(
    /(create policy operators_read on public\.scrape_sources\n.*)\(\(select private\.is_operator\(\)\)\)/,
    "$1((select private.is_operator()) and is_active)",
  );
  project.edit(/(cron\.schedule\('look-after-partitions', )'[^']*'/, "$1'19 * * * *'");
}

Deno.test("a database of a release is upgraded by one generated migration", async (t) => {
  const project = copyProject();
  const dataDir = makeTemporaryDir();
  const released = readMigrations();
  const start = (migrations: Migration[], say: (words: string) => void = () => {}) =>
    startDatabase({ dataDir, temporary: false, migrations, port: 0, say });
  try {
    editSchemas(project);
    const { code, stderr } = await project.task("migration", "add_robots_url");
    assert.equal(code, 0, stderr);
    const migrations = readMigrations(project.migrationsDir);
    const [added, ...others] = migrations.filter(({ version }) =>
      !released.some((one) => one.version === version)
    );
    assert.deepEqual(others, []);
    assert.equal(added?.name, "add_robots_url");

    await t.step("the migration reads like supabase/schemas", () => {
      assert.match(added.text, /add column robots_url text;/);
      assert.match(added.text, /create or replace function private\.backoff/);
      assert.match(added.text, /-- Five hours are enough\./);
      assert.match(
        added.text,
        /max\(b\.created_at\) as newest_at\nfrom public\.backfill_queue b\n/,
      );
      assert.match(added.text, /select cron\.schedule\('look-after-partitions', '19 \* \* \* \*'/);
      assert.doesNotMatch(added.text, /cron\.schedule\('prune-snapshots'/);
    });

    await t.step("with rows in every table none is lost, and it is like a fresh one", async () => {
      let server = await start(released);
      let sql = connectAs("postgres", server.port);
      const before = await filled(sql);
      await sql.end();
      await server.stop();
      const said: string[] = [];
      server = await start(migrations, (words) => void said.push(words));
      sql = connectAs("postgres", server.port);
      assert.deepEqual(said, [`applied ${basename(added.path)}`]);
      assert.deepEqual(lostRows(before, await readRows(sql)), []);
      await assertLike(server.port, migrations);
      await sql.end();
      await server.stop();
    });

    await t.step("supabase db push upgrades another one in the same way", async () => {
      const database = await startTemporaryDatabase(released);
      const sql = connectAs("postgres", database.port);
      const context = openContext(false);
      try {
        const before = await filled(sql);
        const push = await run(await supabaseCli(context), [
          ...["db", "push", "--yes", "--workdir", project.dir],
          `--remote=${databaseUrl("postgres", database.port)}`,
        ], { env: { PGSSLMODE: "disable", DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1" } });
        assert.equal(push.code, 0, push.stderr);
        assert.deepEqual(lostRows(before, await readRows(sql)), []);
        await assertLike(database.port, migrations);
      } finally {
        await sql.end();
        await database.stop();
        await context.close();
      }
    });

    await t.step("the functions of the release work on it", async () => {
      const world = await startWorld({ dataDir, site: { counts: { "bringatrailer.com": 4 } } });
      try {
        const url = (index: number) =>
          world.site.catalogue.at("bringatrailer.com", index)?.url ?? "";
        const imported = await world.post("import-bat-listing", { url: url(0) });
        assert.equal(imported.status, 200, JSON.stringify(imported.body));
        assert.equal(imported.body.success, true);
        const ids = await insertListings(world.sql, [url(1), url(2)]);
        const healed = await world.post("micro-scrape-bandaid", { vehicle_ids: ids });
        assert.equal(healed.body.improved, 2, JSON.stringify(healed.body));
        const [held] = await world.sql`
          select count(*)::int as vins from vehicles
          where vin is not null and canonical_url in (
            select canonical_listing_url(u) from unnest(${[0, 1, 2].map(url)}::text[]) u)`;
        assert.equal(held?.vins, 3);
      } finally {
        await world.close();
      }
    });
  } finally {
    project.remove();
    Deno.removeSync(join(dataDir), { recursive: true });
  }
});

for (const { version, last } of readReleases()) {
  Deno.test(`a full database of release ${version} is upgraded, and loses nothing`, async () => {
    const all = readMigrations();
    const then = all.slice(0, all.findIndex(({ path }) => basename(path) === last) + 1);
    const database = await startTemporaryDatabase(then);
    const sql = connectAs("postgres", database.port);
    try {
      const before = await filled(sql);
      await applyMigrations(sql, all);
      assert.deepEqual(lostRows(before, await readRows(sql)), []);
      await assertLike(database.port, all);
    } finally {
      await sql.end();
      await database.stop();
    }
  });
}

for (const ahead of [false, true]) {
  const index = ahead ? "with the index built before" : "without preparation";
  Deno.test(`a history without months becomes a partition of one with months, ${index}`, async () => {
    const all = readMigrations();
    const then = all.slice(0, all.findIndex(({ name }) => name === "partition_scraping_health"));
    const database = await startTemporaryDatabase(then);
    const sql = connectAs("postgres", database.port);
    const read = () => sql`select to_jsonb(h) as row from scraping_health h order by id`;
    try {
      await sql`
        insert into scraping_health (source, url, outcome, ms, created_at)
        select 's', 'https://a.example/' || n, 'ok', n, now() + (n - 400) * interval '1 day' from generate_series(1, 800) n`;
      if (ahead) {
        await sql`
          create unique index concurrently scraping_health_by_id_and_time on public.scraping_health (id, created_at)`;
      }
      const [built] = await sql`
        select to_regclass('public.scraping_health_by_id_and_time')::oid as oid`;
      const before = await read();
      await applyMigrations(sql, all);
      assert.deepEqual(await read(), before);
      const [key] = await sql`
        select conindid as oid from pg_constraint
        where conrelid = 'private.scraping_health_before'::regclass and contype = 'p'`;
      if (ahead) assert.equal(key?.oid, built?.oid, "the index is not built a second time");

      const [added] = await sql`
        insert into scraping_health (source, url, outcome, ms) values ('s', 'https://a.example/', 'ok', 1)
        returning id, tableoid::regclass::text as "in"`;
      assert.deepEqual({ ...added }, { id: "801", in: "private.scraping_health_before" });
      const misplaced = await sql`
        select h.created_at, p.partition_name
        from scraping_health h
        join private.partitions p on format('private.%I', p.partition_name)::regclass = h.tableoid
        where not p.is_default and (h.created_at < p.from_at or h.created_at >= p.until_at)`;
      assert.deepEqual([...misplaced], []);
    } finally {
      await sql.end();
      await database.stop();
    }
  });
}

for (const ahead of [false, true]) {
  const index = ahead ? "with the index built before" : "without preparation";
  Deno.test(`steps without months become a partition of some with months, ${index}`, async () => {
    const all = readMigrations();
    const then = all.slice(0, all.findIndex(({ name }) => name === "partition_scrape_steps"));
    const database = await startTemporaryDatabase(then);
    const sql = connectAs("postgres", database.port);
    const read = async () => [
      ...await sql`select to_jsonb(s) as row from scrape_steps s order by id`,
      ...await sql`select to_jsonb(r) as row from scrape_retry_queue r order by id`,
    ];
    try {
      await sql`insert into vehicles (id, make) select md5(n::text)::uuid, 'BMW' from generate_series(1, 400) n`;
      await sql`
        insert into scrape_steps (vehicle_id, step_name, status, outcome_code, created_at)
        select md5(n::text)::uuid, 'extract_data', 'failed', 'timeout', now() + (n - 200) * interval '1 day' from generate_series(1, 400) n`;
      // A step that works takes its retry away: one that is moved has done so already.
      await sql`update scrape_steps set status = 'success' where created_at > now() + interval '150 days'`;
      if (ahead) {
        await sql`create unique index concurrently scrape_steps_by_id_and_time on public.scrape_steps (id, created_at)`;
      }
      const [built] =
        await sql`select to_regclass('public.scrape_steps_by_id_and_time')::oid as oid`;
      const before = await read();
      const [timeless] = await sql`
        insert into scrape_steps (step_name, status, created_at, completed_at) values ('extract_data', 'skipped', null, '2026-01-02')
        returning id`;
      await applyMigrations(sql, all);
      const [timed] = await sql`
        delete from scrape_steps where id = ${timeless?.id} returning created_at`;
      assert.deepEqual(
        timed?.created_at,
        new Date("2026-01-02"),
        "a step without a time has one now",
      );
      assert.deepEqual(await read(), before);
      const [key] = await sql`
        select conindid as oid from pg_constraint
        where conrelid = 'private.scrape_steps_before'::regclass and contype = 'p'`;
      if (ahead) assert.equal(key?.oid, built?.oid, "the index is not built a second time");

      const [added] = await sql`
        insert into scrape_steps (vehicle_id, step_name, status) values (md5('1')::uuid, 'extract_data', 'success')
        returning tableoid::regclass::text as "in"`;
      assert.deepEqual({ ...added }, { in: "private.scrape_steps_before" });
      const [retry] =
        await sql`select status from scrape_retry_queue where vehicle_id = md5('1')::uuid`;
      assert.equal(retry?.status, "completed");
      await sql`delete from vehicles`;
      const [left] = await sql`select count(*)::int as count from scrape_steps`;
      assert.equal(left?.count, 0, "vehicles take their steps with them");
    } finally {
      await sql.end();
      await database.stop();
    }
  });
}
