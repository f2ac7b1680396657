import assert from "node:assert/strict";
import type postgres from "postgres";
import { sharedStack } from "../../support/stack.ts";
import { createSchema } from "./schema.ts";
import { until } from "../../support/until.ts";

const shared = sharedStack({ migrations: false });
let made: Promise<void> | null = null;

function test(name: string, run: (sql: postgres.Sql) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const { stack, sql } = await shared();
      await (made ??= createSchema(stack));
      await run(sql);
    },
  });
}

/** The first row that the query gives. */
const firstRow = <T extends postgres.Row>(query: () => PromiseLike<T[]>) =>
  until("the query gives a row", async () => (await query())[0]);

test("a job of some seconds runs as its owner, and each run is kept", async (sql) => {
  const [job] =
    await sql`select cron.schedule('tick', '1 second', 'insert into cars (make) values (current_user)') as id`;
  const run = await firstRow(() =>
    sql`select * from cron.job_run_details where jobid = ${job?.id} and status = 'succeeded'`
  );
  assert.equal(run.return_message, "INSERT 1");
  assert.equal(run.username, "postgres");
  assert.ok(run.job_pid > 0 && run.end_time >= run.start_time);
  assert.equal((await sql`select make from cars where make = 'postgres'`).length > 0, true);
  await sql`select cron.unschedule('tick')`;
  // Cron has seen it once it runs a job that was made later; that second job then tells the time.
  const [{ id: clock } = { id: 0 }] =
    await sql`select cron.schedule('clock', '1 second', 'select 1') as id`;
  const runs = async (id: number) =>
    (await sql`select from cron.job_run_details where jobid = ${id} and status = 'succeeded'`)
      .length;
  await until("cron runs the second job", async () => await runs(clock) > 0);
  await until(
    "the last run of the first has ended",
    async () =>
      (await sql`
        select from cron.job_run_details where jobid = ${job?.id} and status = 'running'`)
        .length === 0,
  );
  const [{ count: before } = { count: 0 }] = await sql`select count(*)::int from cars`;
  const seen = await runs(clock);
  await until("two more seconds have gone by", async () => await runs(clock) >= seen + 2);
  const [{ count: after } = { count: 0 }] = await sql`select count(*)::int from cars`;
  assert.equal(after, before);
  await sql`select cron.unschedule('clock')`;
});

test("a failing job is recorded as failed, with the words of Postgres, and undone whole", async (sql) => {
  const [job] = await sql`
    select cron.schedule('bad', '1 second', $$insert into cars (make) values ('half'); select 1 / 0$$) as id`;
  const run = await firstRow(() =>
    sql`select * from cron.job_run_details where jobid = ${job?.id} and status = 'failed'`
  );
  assert.match(run.return_message, /division by zero/);
  await sql`select cron.unschedule(${job?.id}::bigint)`;
  assert.equal((await sql`select from cars where make = 'half'`).length, 0);
});

test("a schedule that is none is refused when it is made", async (sql) => {
  await assert.rejects(
    sql`select cron.schedule('x', 'every monday', 'select 1')`,
    /invalid schedule/,
  );
  await assert.rejects(
    sql`select cron.schedule('x', '60 seconds', 'select 1')`,
    /invalid schedule/,
  );
  await assert.rejects(sql`select cron.unschedule('never there')`, /could not find valid entry/);
});

test("scheduling the same name again changes the job; alter_job switches it off", async (sql) => {
  const schedule = (when: string) => sql`select cron.schedule('same', ${when}, 'select 1') as id`;
  const [first] = await schedule("0 0 1 1 *");
  const [second] = await schedule("0 1 * * *");
  assert.equal(first?.id, second?.id);
  await sql`select cron.alter_job(${first?.id}::bigint, active := false)`;
  const [job] = await sql`select schedule, active from cron.job where jobname = 'same'`;
  assert.deepEqual({ ...job }, { schedule: "0 1 * * *", active: false });
});

test("a posted request arrives as it was made, and its answer is kept", async (sql) => {
  const { url, received, close } = listen();
  const [row] = await sql`
    select net.http_post(${url}, '{"a": [1, "ü"]}', '{"q": "x y&z"}', '{"X-Key": "k", "content-type": "application/json"}') as id`;
  const answer = await firstRow(() => sql`select * from net._http_response where id = ${row?.id}`);
  await close();
  assert.deepEqual(received, [{
    method: "POST",
    search: "?q=x%20y%26z",
    key: "k",
    body: '{"a": [1, "ü"]}',
  }]);
  assert.equal(answer.status_code, 202);
  assert.equal(answer.content, "taken");
  assert.equal(answer.timed_out, false);
});

test("a post that was rolled back is never sent", async (sql) => {
  const { url, received, close } = listen();
  await sql.begin(async (transaction) => {
    await transaction`select net.http_post(${url}, '{"from": "nowhere"}')`;
    throw new Error("undo");
  }).catch((error) => assert.equal(error.message, "undo"));
  const [row] = await sql`select net.http_get(${url}) as id`;
  await firstRow(() => sql`select from net._http_response where id = ${row?.id}`);
  await close();
  assert.deepEqual(received.map((request) => request.method), ["GET"]);
});

test("no answer in time, and no server at all, are answers too", async (sql) => {
  const slow = listen(2_000);
  const [late] = await sql`select net.http_get(${slow.url}, timeout_milliseconds := 100) as id`;
  const [nobody] = await sql`select net.http_get('http://127.0.0.1:1/') as id`;
  const timedOut = await firstRow(() =>
    sql`select * from net._http_response where id = ${late?.id}`
  );
  const refused = await firstRow(() =>
    sql`select * from net._http_response where id = ${nobody?.id}`
  );
  assert.equal(timedOut.timed_out, true);
  assert.equal(refused.status_code, null);
  assert.notEqual(refused.error_msg, null);
  await slow.close();
});

/** A server that notes what it is asked. */
function listen(delayMs = 0) {
  const received: { method: string; search: string; key: string | null; body: string }[] = [];
  const abort = new AbortController();
  const server = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen: () => {},
    signal: abort.signal,
  }, async (request) => {
    const body = await request.text();
    const { search } = new URL(request.url);
    received.push({ method: request.method, search, key: request.headers.get("x-key"), body });
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    return new Response("taken", { status: 202 });
  });
  const close = async () => {
    abort.abort();
    await server.finished;
  };
  return { url: `http://127.0.0.1:${server.addr.port}/`, received, close };
}
