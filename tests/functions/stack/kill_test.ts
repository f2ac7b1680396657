import assert from "node:assert/strict";
import process from "node:process";
import { join } from "node:path";
import { removeClusterHome } from "../../../local/cluster_home.ts";
import { projectRoot } from "../../../local/paths.ts";
import { invoke, serviceClient, sql as connect, withStack } from "../../support/stack.ts";
import { createSchema, functionsDir } from "./schema.ts";
import { until } from "../../support/until.ts";

const supabaseDir = functionsDir({ pid: `Deno.serve(() => Response.json({ pid: Deno.pid }));` });
const bare = { migrations: false, supabaseDir };
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

Deno.test("a killed functions' host comes back as another process, every time", async () => {
  await withStack({ ...bare, cron: false }, async (stack) => {
    let last = stack.functionsPid();
    for (let i = 0; i < 2; i++) {
      process.kill(stack.functionsPid(), "SIGKILL");
      const pid = await until("the functions' host is back", async () => {
        const { status, body } = await invoke(stack, "pid");
        return status === 200 && (body as { pid: number }).pid;
      });
      assert.notEqual(pid, last);
      assert.equal(pid, stack.functionsPid());
      last = pid;
    }
  });
});

Deno.test("a killed Postgres recovers what was committed; API, cron and pg_net go on", async () => {
  await withStack(bare, async (stack) => {
    await createSchema(stack);
    const client = serviceClient(stack);
    await client.from("cars").insert({ make: "before" });
    const killed = stack.postgresPid();
    process.kill(killed, "SIGKILL");
    // Its children answer until they notice.
    await until("Postgres is another process", () => stack.postgresPid() !== killed);
    const makes = await until(
      "the API is back",
      async () => (await client.from("cars").select("make")).data,
    );
    assert.deepEqual(makes, [{ make: "before" }]);
    assert.equal((await client.rpc("echo", { p: 1 })).data, 1);

    const sql = connect(stack);
    try {
      await sql`select cron.schedule('after', '1 second', $$insert into cars (make) values ('ticked')$$)`;
      await sql`select net.http_get(${stack.url})`;
      await until("cron ticks", async () => (await sql`select from cars where make = 'ticked'`)[0]);
      await until(
        "pg_net has an answer",
        async () => (await sql`select from net._http_response`)[0],
      );
    } finally {
      await sql.end({ timeout: 1 });
    }
  });
});

Deno.test("several stacks run side by side and share nothing", async () => {
  await withStack({ ...bare, cron: false }, async (one) => {
    await withStack({ ...bare, cron: false }, async (other) => {
      assert.notEqual(one.url, other.url);
      assert.notEqual(one.dbUrl, other.dbUrl);
      assert.notEqual(one.keys.secret, other.keys.secret);
      const foreign = await fetch(`${other.url}/rest/v1/`, {
        headers: { apikey: one.keys.secret },
      });
      assert.equal(foreign.status, 401);
      await foreign.body?.cancel();
    });
  });
});

for (const signal of ["SIGKILL", "SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} to the one who started it leaves no process, port or directory of the database`, async () => {
    const dir = Deno.makeTempDirSync();
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        join(projectRoot, "local/main.ts"),
        "start",
        "--quiet",
        "--port",
        "0",
        "--db-port",
        "0",
        "--dir",
        dir,
      ],
      cwd: projectRoot,
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      const state = await until(
        "the stack says where it is",
        async () => JSON.parse(await Deno.readTextFile(join(dir, "stack.json"))),
      );
      const children = descendants(child.pid);
      assert.ok(children.length >= 3, "Postgres, its leash and the functions' host");
      child.kill(signal);
      await child.status;
      await until("its processes are gone", () => !children.some(isAlive));
      await assert.rejects(fetch(state.values.API_URL));
      assert.equal(exists(join(dir, "db/data/postmaster.pid")), false);
    } finally {
      if (isAlive(child.pid)) child.kill("SIGKILL");
      removeClusterHome(dir);
      Deno.removeSync(dir, { recursive: true });
    }
  });
}

/** All processes below one, from `ps`. */
function descendants(root: number): number[] {
  const { stdout } = new Deno.Command("ps", { args: ["-eo", "pid=,ppid="] }).outputSync();
  const rows = new TextDecoder().decode(stdout).trim().split("\n").map((line) =>
    line.trim().split(/\s+/).map(Number)
  );
  const found = [root];
  for (const parent of found) {
    for (const [pid, ppid] of rows) if (ppid === parent && pid !== undefined) found.push(pid);
  }
  return found.slice(1);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
