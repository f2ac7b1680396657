/**
 * The Dockerfile's own lines, without Docker: what it copies makes a folder of its own, in which its commands run.
 * The base image is not tried.
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { TASK } from "../../../local/command_line.ts";
import { projectRoot } from "../../../local/paths.ts";
import { freePort } from "../../../local/ports.ts";
import { html, playSite } from "../../support/site.ts";
import { sharedStack } from "../../support/stack.ts";
import { until } from "../../support/until.ts";

const FOLDER = join(projectRoot, "worker/docker");
const stack = sharedStack({ cron: false });

/** Its instructions, lines that go on joined. */
const instructions = Deno.readTextFileSync(join(FOLDER, "Dockerfile"))
  .replaceAll("\\\n", " ").split("\n").filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => ({ word: line.split(" ")[0] ?? "", rest: line.slice(line.indexOf(" ") + 1) }));
const all = (word: string) =>
  instructions.filter((one) => one.word === word).map(({ rest }) => rest);
const one = (word: string) => {
  const [rest, ...more] = all(word);
  assert.ok(rest !== undefined && more.length === 0, `one ${word}`);
  return rest;
};

Deno.test({
  name:
    "the image's commands run on what it copies: it reads listings, is found healthy, and ends on SIGTERM",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const app = Deno.makeTempDirSync();
    try {
      for (const rest of all("COPY")) copy(rest.split(" "), app);
      for (const rest of all("RUN")) {
        const { code, stderr } = await run(rest.split(" "), app).output();
        assert.equal(code, 0, new TextDecoder().decode(stderr));
      }

      const { stack: { url, keys }, sql } = await stack();
      await using site = playSite(() => html("<h1>1989 Porsche 911</h1>"));
      await sql`insert into import_queue (listing_url) values ('https://cars.example/cars/1')`;
      const port = freePort();
      const env = {
        SUPABASE_URL: url,
        SUPABASE_SERVICE_ROLE_KEY: keys.secret,
        SOURCE_MIRROR_URL: site.mirrorUrl,
      };
      const entry: string[] = JSON.parse(one("ENTRYPOINT"));
      const worker = run([...entry, "--port", `${port}`], app, env).spawn();
      const said = new Response(worker.stdout).text();
      const errors = new Response(worker.stderr).text();
      const check = JSON.parse(
        one("HEALTHCHECK").replace(/^.*?CMD /, "").replace("8080", `${port}`),
      );
      const isHealthy = async () => (await run(check, app).output()).code === 0;
      try {
        await until("it is healthy", isHealthy, 30);
        await until("a listing is read", async () => {
          const [row] = await sql`select outcome_code from import_queue`;
          return row?.outcome_code;
        });
      } finally {
        worker.kill("SIGTERM");
      }
      assert.equal((await worker.status).code, 0, await errors);
      assert.match(
        await errors,
        /^\{"level":"warn","message":"unreadable at cars\.example[^\n]*\n$/,
      );
      for (const line of (await said).trim().split("\n")) JSON.parse(line);
      assert.equal(await isHealthy(), false);
    } finally {
      Deno.removeSync(app, { recursive: true });
    }
  },
});

Deno.test("the image has the Deno of this project, does not run as root, and its context holds what it copies alone", () => {
  assert.equal(one("FROM"), `denoland/deno:${/deno@(\S+)/.exec(TASK)?.[1]}`);
  assert.match(one("USER"), /^[1-9]\d*$/);
  assert.equal(one("STOPSIGNAL"), "SIGTERM");
  const [first, ...kept] = Deno.readTextFileSync(join(FOLDER, "Dockerfile.dockerignore"))
    .split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.equal(first, "*");
  const sources = all("COPY").flatMap((rest) => rest.split(" ").slice(0, -1));
  for (const source of sources) {
    assert.ok(kept.some((line) => `${source}/`.startsWith(`${line.slice(1)}/`)), source);
  }
});

/** As COPY does: a folder's content into the target, files beneath it when that is a folder. */
function copy(words: string[], app: string): void {
  const [target = "", ...sources] = words.toReversed();
  for (const source of sources) {
    const from = join(projectRoot, source);
    const to = join(app, target);
    if (Deno.statSync(from).isDirectory) copyFolder(from, to);
    else {
      const file = target.endsWith("/") ? join(to, source.split("/").at(-1) ?? "") : to;
      Deno.mkdirSync(dirname(file), { recursive: true });
      Deno.copyFileSync(from, file);
    }
  }
}

function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) copyFolder(join(from, name), join(to, name));
    else Deno.copyFileSync(join(from, name), join(to, name));
  }
}

function run(words: string[], cwd: string, env: Record<string, string> = {}): Deno.Command {
  const [program, ...args] = words;
  assert.equal(program, "deno");
  const kept = ["PATH", "HOME", "DENO_DIR", "TMPDIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    clearEnv: true,
    env: { ...Object.fromEntries(kept), ...env },
    stdout: "piped",
    stderr: "piped",
  });
}
