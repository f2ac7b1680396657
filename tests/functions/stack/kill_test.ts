import assert from "node:assert/strict";
import process from "node:process";
import { join } from "node:path";
import { removeClusterHome } from "../../../local/cluster_home.ts";
import { projectRoot } from "../../../local/paths.ts";
import { invoke, serviceClient, sql as connect, withStack } from "../../support/stack.ts";
import { createSchema, functionsDir } from "./schema.ts";

const supabaseDir = functionsDir({ pid: `Deno.serve(() => Response.json({ pid: Deno.pid }));` });
const bare = { migrations: false, supabaseDir };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Tries until it gives something, or the time is up. */
async function eventually<T>(attempt: () => Promise<T | null>, ms = 15_000): Promise<T> {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    const result = await attempt().catch(() => null);
    if (result !== null) return result;
    await pause(50);
  }
  throw new Error(`not within ${ms} ms`);
}

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
      const pid = await eventually(async () => {
        const { status, body } = await invoke(stack, "pid");
        return status === 200 ? (body as { pid: number }).pid : null;
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
    await eventually(() => Promise.resolve(stack.postgresPid() === killed ? null : true));
    const makes = await eventually(async () => (await client.from("cars").select("make")).data);
    assert.deepEqual(makes, [{ make: "before" }]);
    assert.equal((await client.rpc("echo", { p: 1 })).data, 1);

    const sql = connect(stack);
    try {
      await sql`select cron.schedule('after', '1 second', $$insert into cars (make) values ('ticked')$$)`;
      await sql`select net.http_get(${stack.url})`;
      await eventually(async () => (await sql`select from cars where make = 'ticked'`)[0] ?? null);
      await eventually(async () => (await sql`select from net._http_response`)[0] ?? null);
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
      const state = await eventually(async () =>
        JSON.parse(await Deno.readTextFile(join(dir, "stack.json")))
      );
      const children = descendants(child.pid);
      assert.ok(children.length >= 3, "Postgres, its leash and the functions' host");
      child.kill(signal);
      await child.status;
      await eventually(() => Promise.resolve(children.some(isAlive) ? null : true));
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
