/** Partitions come and go by themselves, and no comparison of schemas takes notice. */
import assert from "node:assert/strict";
import { readMigrations } from "../../local/migrations.ts";
import { connectAs } from "../../local/postgres/sql.ts";
import { compareCatalogs, readCatalog } from "../../local/schema/catalog.ts";
import { difference } from "../../local/schema/difference.ts";
import { startTemporaryDatabase } from "../../local/schema/temporary.ts";
import { sql as connect, withStack } from "../support/stack.ts";
import { until } from "../support/until.ts";

const HOUR = 3_600_000;
const VEHICLE = "00000000-0000-4000-8000-000000000001";

Deno.test("as months go by cron makes their partitions, and drops those that are old", async () => {
  await withStack({ movableClock: true }, async (stack) => {
    const { clock } = stack;
    assert.ok(clock !== null);
    const sql = connect(stack);
    try {
      await sql`
        select cron.alter_job(jobid, active := false) from cron.job where jobname <> 'look-after-partitions'`;
      const write = (url: string) =>
        sql`insert into scraping_health (source, url, outcome, ms) values ('s', ${url}, 'ok', 1)`;
      const held = async () =>
        Object.fromEntries(
          (await sql`select url, tableoid::regclass::text as "in" from scraping_health`)
            .map((row) => [row.url, row.in]),
        );
      const month = () => new Date(clock.now()).toISOString().slice(0, 7).replace("-", "_");
      await write("first");
      // Past every month that was made: what comes before cron is kept all the same.
      await clock.moveTo(clock.now() + 130 * 24 * HOUR);
      await write("early");
      const made = `private.scraping_health_${month()}`;
      await until("cron has moved it to its month and dropped the old one", async () => {
        await clock.moveTo(clock.now() + HOUR);
        const now = await held();
        return now.early === made && !("first" in now);
      });
      await write("late");
      const now = await held();
      assert.deepEqual(Object.keys(now).sort(), ["early", "late"]);
      assert.equal(now.late, `private.scraping_health_${month()}`);
    } finally {
      await sql.end();
    }
  });
});

Deno.test("what partitions a database has is no difference between schemas", async () => {
  const [one, other] = [
    await startTemporaryDatabase(readMigrations()),
    await startTemporaryDatabase(readMigrations()),
  ];
  const sql = connectAs("postgres", other.port);
  try {
    await sql`
      select private.make_partitions(table_name, now() + interval '1 year') from private.partitioned_tables`;
    const [made] = await sql`select count(*)::int as count from private.partitions`;
    assert.ok(made?.count >= 7, `${made?.count} partitions`);
    assert.deepEqual((await difference(one.port, other.port)).changes, []);
    assert.deepEqual(
      compareCatalogs(await readCatalog(one.port), await readCatalog(other.port)),
      [],
    );
  } finally {
    await sql.end();
    await one.stop();
    await other.stop();
  }
});

Deno.test("a month is made beside a worker that writes a vehicle, and then what hangs on it", async () => {
  const database = await startTemporaryDatabase(readMigrations());
  const [cron, worker] = [
    connectAs("postgres", database.port),
    connectAs("postgres", database.port),
  ];
  try {
    await worker`insert into vehicles (id) values (${VEHICLE})`;
    let making: Promise<unknown> = Promise.resolve();
    await worker.begin(async (sql) => {
      await sql`update vehicles set year = 1990 where id = ${VEHICLE}`;
      making = cron`select private.make_partition('scrape_steps', now() + interval '1 year')`
        .then();
      await until("it waits for the worker", async () => {
        const [waiting] = await sql`select from pg_locks where not granted`;
        return waiting !== undefined;
      });
      // Looks into every partition, the default one too.
      await sql`delete from vehicles where id = ${VEHICLE}`;
    });
    await making;
  } finally {
    await cron.end();
    await worker.end();
    await database.stop();
  }
});
