/** Two kinds of workers that claim at the same moment: what one has leased the other passes over. */
import assert from "node:assert/strict";
import postgres from "postgres";
import { sql as connect, withStack } from "../support/stack.ts";
import { until } from "../support/until.ts";

const MICRO =
  "select vehicle_id::text as id from jsonb_to_recordset(claim_micro_scrape(20)) as c(vehicle_id uuid)";
const QUEUE =
  "select vehicle_id::text as id from jsonb_to_recordset(claim_queue('bat_extraction_queue', 20)) as c(vehicle_id uuid)";

/** Begins with one claim; the other is made before that one has ended. Gives what each got. */
async function atOnce(url: string, first: string, second: string): Promise<[string[], string[]]> {
  const sql = postgres(url, { max: 3, onnotice: () => {} });
  const ids = (rows: postgres.RowList<postgres.Row[]>) => rows.map(({ id }) => String(id)).sort();
  try {
    const [one, other] = [await sql.reserve(), await sql.reserve()];
    const [backend] = await other`select pg_backend_pid() as pid`;
    await one`begin`;
    const mine = ids(await one.unsafe(first));
    let ended = false;
    const theirs = other.unsafe(second).then(ids).finally(() => ended = true);
    await until("the other waits, or has ended", async () => {
      const [lock] = await sql`
        select exists (select from pg_locks where pid = ${backend?.pid} and not granted) as waits`;
      return ended || lock?.waits === true;
    });
    await one`commit`;
    return [mine, await theirs];
  } finally {
    await sql.end({ timeout: 5 });
  }
}

for (const [name, first, second] of [["micro-scrape", MICRO, QUEUE], ["a queue", QUEUE, MICRO]]) {
  Deno.test(`what ${name} is about to lease nobody else gets at that moment`, async () => {
    await withStack({ cron: false }, async (stack) => {
      const sql = connect(stack);
      await sql`
        insert into vehicles (discovery_url)
        select 'https://bringatrailer.com/listing/at-once-' || n || '/' from generate_series(1, 30) n`;
      await sql.end();
      const [mine, theirs] = await atOnce(stack.dbUrl, first ?? "", second ?? "");
      assert.equal(mine.length, 20);
      assert.deepEqual(theirs.filter((id) => mine.includes(id)), []);
      assert.equal(new Set([...mine, ...theirs]).size, 30);
    });
  });
}
