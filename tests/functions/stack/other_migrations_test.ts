/** A database that was made by other migrations than those of now starts, with what it holds. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import type postgres from "postgres";
import { startDatabase } from "../../../local/database.ts";
import { type Migration, readMigrations } from "../../../local/migrations.ts";
import { connectAs } from "../../../local/postgres/sql.ts";
import { compareCatalogs, readObjects, withoutPositions } from "../../../local/schema/catalog.ts";
import { startTemporaryDatabase } from "../../../local/schema/temporary.ts";
import { makeTemporaryDir } from "../../../local/temporary.ts";
import { fillEveryTable } from "../../../scripts/schema/fill.ts";
import { lostRows, readRows } from "../../../scripts/schema/held_rows.ts";

const now = readMigrations();

/** The migrations of now, but for texts that were others once. */
function once(...changes: [from: RegExp, to: string][]): Migration[] {
  const edited = now.map((migration) => ({
    ...migration,
    text: changes.reduce((text, [from, to]) => text.replace(from, to), migration.text),
  }));
  for (const [from] of changes) assert.ok(now.some(({ text }) => text.match(from)), String(from));
  return edited;
}

interface Kept {
  /** Starts the database with these migrations, lets it be used, and stops it; gives what was said. */
  start(
    migrations: Migration[],
    use: (sql: postgres.Sql, port: number) => Promise<void>,
    allowDrop?: boolean,
  ): Promise<string[]>;
}

function test(name: string, use: (kept: Kept) => Promise<void>): void {
  Deno.test(name, async () => {
    const dataDir = makeTemporaryDir();
    try {
      await use({
        async start(migrations, use, allowDrop = false) {
          const said: string[] = [];
          const say = (words: string) => void said.push(words);
          const options = { dataDir, temporary: false, migrations, port: 0, allowDrop, say };
          const server = await startDatabase(options);
          const sql = connectAs("postgres", server.port);
          try {
            await use(sql, server.port);
          } finally {
            await sql.end();
            await server.stop();
          }
          return said;
        },
      });
    } finally {
      Deno.removeSync(dataDir, { recursive: true });
    }
  });
}

async function assertLikeNow(port: number, but: string[] = []): Promise<void> {
  const fresh = await startTemporaryDatabase(now);
  try {
    const [held, wanted] = [await readObjects(port), await readObjects(fresh.port)];
    const unequal = compareCatalogs(withoutPositions(held), withoutPositions(wanted));
    assert.deepEqual(unequal.map(({ object }) => object).filter((one) => !but.includes(one)), []);
  } finally {
    await fresh.stop();
  }
}

test("what was renamed and edited since is brought in line, and no row is lost", async (kept) => {
  const then = once(
    [/\bworker_invocations\b/g, "doorbell_rings"],
    [/\binvoked_at\b/g, "rung_at"],
    [/\bprivate\.backoff\b/g, "private.wait_after"],
    [/'prune-history'/g, "'tidy-up'"],
  );
  let before: Awaited<ReturnType<typeof readRows>> = new Map();
  await kept.start(then, async (sql) => {
    await fillEveryTable(sql);
    await sql`create table public.my_notes as select 'kept' as note`;
    before = await readRows(sql);
  });
  const rings = before.get("public.doorbell_rings") ?? [];
  assert.ok(rings.length > 0);

  const said = await kept.start(now, async (sql, port) => {
    const after = await readRows(sql);
    assert.deepEqual(lostRows(before, after), []);
    const renamed = rings.map(({ rung_at, ...rest }) => ({ ...rest, invoked_at: rung_at }));
    const invocations = new Map([["public.worker_invocations", renamed]]);
    assert.deepEqual(lostRows(invocations, after), []);
    assert.equal((await sql`select note from public.my_notes`)[0]?.note, "kept");
    const notes = ["relation", "grants", "uncommented"].map((kind) => `${kind} my_notes`);
    await assertLikeNow(port, [...notes, "column my_notes.note"]);
    const jobs =
      await sql`select jobname from cron.job where jobname in ('tidy-up', 'prune-history')`;
    assert.deepEqual(jobs.map(({ jobname }) => jobname), ["prune-history"]);
  });
  assert.match(
    said[0] ?? "",
    /^This database was made before \d+ migrations were edited \(.*foundation/,
  );
  assert.match(
    said[1] ?? "",
    /^It is in line now, with its data\. As it was it is kept in .*data\.before\.$/,
  );

  const again = await kept.start(now, () => Promise.resolve());
  assert.deepEqual(again, []);
});

test("a history that had no months then is brought in line, and no row is lost", async (kept) => {
  const then = once([/\bprivate\.backoff\b/g, "private.wait_after"])
    .slice(0, now.findIndex(({ name }) => name === "partition_scraping_health"));
  let before: Awaited<ReturnType<typeof readRows>> = new Map();
  await kept.start(then, async (sql) => {
    await sql`
      insert into scraping_health (source, url, outcome, ms, created_at)
      select 's', 'https://a.example/' || n, 'ok', n, now() + (n - 40) * interval '10 days' from generate_series(1, 80) n`;
    await sql`
      insert into vehicles (id, make) select md5(n::text)::uuid, 'BMW' from generate_series(1, 80) n`;
    await sql`
      insert into scrape_steps (vehicle_id, step_name, status, outcome_code, created_at)
      select md5(n::text)::uuid, 'extract_data', 'failed', 'timeout', now() + (n - 40) * interval '10 days' from generate_series(1, 80) n`;
    before = await readRows(sql);
  });
  await kept.start(now, async (sql, port) => {
    assert.deepEqual(lostRows(before, await readRows(sql)), []);
    await sql`delete from vehicles where id = md5('1')::uuid`;
    const [steps] = await sql`select count(*)::int as count from scrape_steps`;
    assert.equal(steps?.count, 79, "a vehicle takes its steps with it");
    const [added] = await sql`
      insert into scraping_health (source, url, outcome, ms) values ('s', 'https://a.example/', 'ok', 1) returning id`;
    assert.equal(added?.id, "81");
    await assertLikeNow(port);
  });
});

test("what would lose rows is named and refused, and nothing is changed", async (kept) => {
  const then = once([/(create table public\.scrape_sources \()/, "$1\n  motto text,"]);
  await kept.start(then, async (sql) => {
    await sql`
      insert into public.scrape_sources (slug, name, kind, scraper_name, scraper_version, motto)
      values ('a', 'A', 'auction', 'a', 'v1.0.0', 'sold!'), ('b', 'B', 'auction', 'b', 'v1.0.0', null)`;
  });
  await assert.rejects(kept.start(now, () => Promise.resolve()), (error: Error) => {
    assert.match(error.message, /drops column public\.scrape_sources\.motto, which 1 rows have/);
    assert.match(error.message, /npx -y deno@\S+ task start --allow-drop/);
    return true;
  });
  const unchanged = await kept.start(then, async (sql) => {
    const rows = await sql`select motto from public.scrape_sources order by slug`;
    assert.deepEqual(rows.map(({ motto }) => motto), ["sold!", null]);
  });
  assert.deepEqual(unchanged, []);
  await kept.start(now, async (sql, port) => {
    const rows = await sql`select slug from public.scrape_sources order by slug`;
    assert.deepEqual(rows.map(({ slug }) => slug), ["a", "b"]);
    await assertLikeNow(port);
  }, true);
});

test("a database that is ahead of the checkout starts as it is", async (kept) => {
  const later: Migration = {
    version: "99990101000000",
    name: "later",
    path: "99990101000000_later.sql",
    text: "create table public.later ();\ncomment on table public.later is 'Later.';",
  };
  await kept.start(now, () => Promise.resolve());
  assert.deepEqual(await kept.start([...now, later], () => Promise.resolve()), [
    "applied 99990101000000_later.sql",
  ]);
  const said = await kept.start(now, async (sql) => {
    assert.equal((await sql`select to_regclass('public.later') as it`)[0]?.it, "later");
  });
  assert.deepEqual(said, [
    "This database is ahead of this checkout, and stays so: it has 99990101000000_later.sql",
  ]);
});

test("migrations that are new are applied in their order, each named", async (kept) => {
  const [last, ...others] = now.toReversed();
  const before = others.toReversed();
  await kept.start(before, () => Promise.resolve());
  const said = await kept.start(now, (_, port) => assertLikeNow(port));
  assert.deepEqual(said, [`applied ${basename(last?.path ?? "")}`]);
});
