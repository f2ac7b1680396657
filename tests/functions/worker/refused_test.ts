/** What `task worker` says when it cannot begin. */
import assert from "node:assert/strict";
import { sharedStack } from "../../support/stack.ts";
import { runWorker } from "./support.ts";

const stack = sharedStack({ cron: false });
const shared = { sanitizeOps: false, sanitizeResources: false };

Deno.test("without URL or key it ends with 2 and says what to set", async () => {
  const noUrl = await runWorker({});
  assert.equal(noUrl.code, 2);
  assert.match(noUrl.stderr, /^SUPABASE_URL is not set/);
  const noKey = await runWorker({ SUPABASE_URL: "https://project.example" });
  assert.equal(noKey.code, 2);
  assert.match(noKey.stderr, /^no key: set SERVICE_KEY or SUPABASE_SERVICE_ROLE_KEY/);
  const noAddress = await runWorker({ SUPABASE_URL: "project", SERVICE_KEY: "k" });
  assert.equal(noAddress.code, 2);
  assert.match(noAddress.stderr, /^SUPABASE_URL is no project: "project"/);
});

Deno.test("a queue that is not there, or a number out of bounds, ends it with 2", async () => {
  const unknown = await runWorker({}, "--queues", "import_queue,imports");
  assert.equal(unknown.code, 2);
  assert.match(
    unknown.stderr,
    /^no queue "imports": there are import_queue, .*extraction_map_jobs/,
  );
  for (
    const option of [
      "--concurrency=0",
      "--concurrency=x",
      "--batch=101",
      "--port=70000",
      "--queues=,",
    ]
  ) {
    const { code, stderr } = await runWorker({}, option);
    assert.equal(code, 2, option);
    assert.match(stderr, new RegExp(`^${option.split("=")[0]} `), option);
  }
});

Deno.test({
  name: "a wrong key, and a publishable one, end it with what to do",
  ...shared,
  async fn() {
    const { stack: { url, keys } } = await stack();
    const wrong = await runWorker({ SUPABASE_URL: url, SERVICE_KEY: "wrong" });
    assert.equal(wrong.code, 1);
    assert.match(
      wrong.stderr,
      /refuses the key \(401\): set SUPABASE_SERVICE_ROLE_KEY to a secret key/,
    );
    const publishable = await runWorker({ SUPABASE_URL: url, SERVICE_KEY: keys.publishable });
    assert.equal(publishable.code, 2);
    assert.match(publishable.stderr, /the key is the publishable one/);
    const anon = await runWorker({ SUPABASE_URL: url, SERVICE_KEY: keys.anon });
    assert.equal(anon.code, 1);
    assert.match(anon.stderr, /refuses the key/);
  },
});

Deno.test({
  name: "a database of an earlier release ends it with what to type",
  ...shared,
  async fn() {
    const { stack: { url, keys }, sql } = await stack();
    await sql`drop function heartbeat_outside_worker(uuid, text, text[], integer)`;
    await sql`notify pgrst, 'reload schema'`;
    const { code, stderr } = await runWorker({ SUPABASE_URL: url, SERVICE_KEY: keys.secret });
    assert.equal(code, 1);
    assert.match(stderr, /is older than this worker: npx supabase db push --remote/);
  },
});

Deno.test("with --once, a project that does not answer ends it with 1", async () => {
  const { code, stderr } = await runWorker(
    { SUPABASE_URL: "http://127.0.0.1:9", SERVICE_KEY: "k" },
    "--once",
  );
  assert.equal(code, 1);
  assert.match(stderr, /does not answer/);
});

Deno.test("a port that is taken ends it with 1 and says so", async () => {
  using taken = Deno.listen({ hostname: "0.0.0.0", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const { code, stderr } = await runWorker(
    { SUPABASE_URL: "http://127.0.0.1:9", SERVICE_KEY: "k" },
    ...["--port", `${port}`],
  );
  assert.equal(code, 1);
  assert.match(stderr, /port \d+ is taken/);
});
