/** `deno task sql`, run as a person runs it, against a running stack. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { projectRoot } from "../../../local/paths.ts";
import { startStack } from "../../../local/stack.ts";
import { writeState } from "../../../local/state.ts";

async function sql(args: string[], input = "") {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "-q", "sql", ...args],
    cwd: projectRoot,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {}); // it may read nothing
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("task sql", async (t) => {
  const dir = Deno.makeTempDirSync();
  const stack = await startStack({ quiet: true, cron: false });
  writeState(dir, stack);
  const running = ["--dir", dir];
  try {
    await t.step("-c runs on the running stack, one after another", async () => {
      const { code, stdout } = await sql([
        ...running,
        ...["-c", "insert into vehicles (make) values ('Citroën')"],
        ...["-c", "select make, year from vehicles"],
      ]);
      assert.equal(code, 0);
      assert.equal(stdout, "INSERT 1\n\n make    | year\n---------+------\n Citroën |\n(1 row)\n");
    });

    await t.step("--db-url names another database", async () => {
      const { code, stdout } = await sql(["--db-url", stack.dbUrl, "--csv", "-c", "select 1 as n"]);
      assert.deepEqual([code, stdout], [0, "n\n1\n"]);
    });

    await t.step("what is piped in is run, as is -f -", async () => {
      for (const args of [running, [...running, "-f", "-"]]) {
        const { stdout } = await sql([...args, "--json"], "select 1 as n;\nselect 'x' as t");
        assert.equal(stdout, '[\n{"n": 1}\n]\n[\n{"t": "x"}\n]\n');
      }
    });

    await t.step("a file fails at its place, and ends there", async () => {
      const file = join(dir, "queries.sql");
      Deno.writeTextFileSync(
        file,
        "select 1 as first;\n\nselect nope\nfrom vehicles;\nselect 2 as third;\n",
      );
      const { code, stdout, stderr } = await sql([...running, "-f", file, "--csv"]);
      assert.deepEqual([code, stdout], [1, "first\n1\n"]);
      const [what, line, mark] = stderr.split("\n");
      assert.equal(what, `${file}:3:8: ERROR:  column "nope" does not exist (42703)`);
      assert.deepEqual([line, mark], ["LINE 3: select nope", "               ^"]);
    });

    await t.step("a notice goes to stderr", async () => {
      const { stdout, stderr } = await sql([
        ...running,
        "-c",
        "do $$ begin raise notice 'hello'; end $$",
      ]);
      assert.deepEqual([stdout, stderr], ["DO\n", "NOTICE:  hello\n"]);
    });

    await t.step("a transaction goes over several statements", async () => {
      const text = "begin; delete from vehicles; rollback; select count(*) as n from vehicles";
      const { stdout } = await sql([...running, "--csv", "-c", text]);
      assert.equal(stdout, "n\n1\n");
    });

    await t.step("without a stack, or with a mistake, it says what to do", async () => {
      const missing = await sql(["--dir", join(dir, "nowhere"), "-c", "select 1"]);
      assert.equal(missing.code, 1);
      assert.match(missing.stderr, /not running; start it with: npx -y deno@\S+ task start/);
      const refused = await sql(["--db-url", "postgresql://a:b@127.0.0.1:9/c", "-c", "select 1"]);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /ECONNREFUSED/);
      const both = await sql(["--csv", "--json"]);
      assert.equal(both.code, 2);
      assert.match(both.stderr, /exclude each other/);
    });
  } finally {
    await stack.stop();
    Deno.removeSync(dir, { recursive: true });
  }
});
