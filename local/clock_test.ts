import assert from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import { startStack } from "./stack.ts";
import { makeTemporaryDir } from "./temporary.ts";

const HOUR = 3_600_000;
const NOW = `
  Deno.serve(async (request) => {
    if (request.url.endsWith("?wait")) await new Promise((resolve) => setTimeout(resolve, 3_600_000));
    return Response.json({ now: Date.now(), made: new Date().getTime(), kept: new Date(5).getTime(),
    text: Date(), is: new Date() instanceof Date });
  });
`;

Deno.test("a stack's clock is moved on: Postgres, cron and functions see the same time", async () => {
  const supabaseDir = makeTemporaryDir();
  Deno.mkdirSync(join(supabaseDir, "functions/now"), { recursive: true });
  Deno.writeTextFileSync(join(supabaseDir, "functions/now/index.ts"), NOW);
  const stack = await startStack({
    quiet: true,
    migrations: false,
    movableClock: true,
    supabaseDir,
  });
  const sql = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
  const near = (is: number | Date | undefined, what: string) => {
    const late = (stack.clock?.now() ?? 0) - Number(is);
    assert.ok(late >= -50 && late < 10_000, `${what} is ${late} ms behind`);
  };
  const asked = async (query = "") => {
    const answer = await fetch(`${stack.url}/functions/v1/now${query}`, {
      headers: { apikey: stack.keys.secret },
    });
    return await answer.json();
  };
  try {
    await sql.unsafe(`
      create extension if not exists pg_cron;
      create table seen (at timestamptz not null default now(), clock timestamptz default clock_timestamp());
      create function seen_by_code() returns timestamptz language plpgsql as 'begin return now(); end';
      select cron.schedule('see', '0 */6 * * *', 'insert into seen default values')`);
    await asked(); // its worker is there before
    const start = stack.clock?.now() ?? 0;
    await stack.clock?.moveTo((Math.floor(start / (6 * HOUR)) + 2) * 6 * HOUR + 1000);

    const [times] = await sql`
      select now(), clock_timestamp(), statement_timestamp(), transaction_timestamp(), seen_by_code() as code`;
    for (const [what, is] of Object.entries(times ?? {})) near(is, what);
    const { now, made, kept, text, is } = await asked();
    near(now, "Date.now()");
    near(made, "new Date()");
    near(Date.parse(text), "Date()");
    assert.deepEqual([kept, is], [5, true]);

    let run = await sql`select * from seen`;
    for (let tries = 0; run.length === 0 && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      run = await sql`select * from seen`;
    }
    assert.equal(run.length, 1, "a job that came to be due is run once");
    near(run[0]?.at, "a default");
    near(run[0]?.clock, "another default");

    const waiting = asked("?wait");
    await stack.clock?.moveTo(stack.clock.now() + HOUR / 2);
    const early = await Promise.race([
      waiting.then(() => true),
      new Promise((resolve) => setTimeout(resolve, 300, false)),
    ]);
    assert.equal(early, false, "what waits for an hour waits on after half of it");
    await stack.clock?.moveTo(stack.clock.now() + HOUR / 2);
    near((await waiting).now, "who waited in a function");

    await stack.clock?.moveTo(start);
    const [still] = await sql`select now()`;
    near(still?.now, "the time after a move to what has passed");
  } finally {
    await sql.end();
    await stack.stop();
    Deno.removeSync(supabaseDir, { recursive: true });
  }
});

Deno.test("without being asked for, no clock can be moved", async () => {
  const stack = await startStack({ quiet: true, migrations: false, cron: false });
  const sql = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
  try {
    assert.equal(stack.clock, null);
    const [made] =
      await sql`select prolang::int from pg_proc where oid = 'pg_catalog.now'::regproc`;
    assert.equal(made?.prolang, 12, "now() is as Postgres made it");
  } finally {
    await sql.end();
    await stack.stop();
  }
});
