/** A newcomer's first minute: what is committed is cloned into an odd folder, and the README's commands work there. */
import assert from "node:assert/strict";
import process from "node:process";
import { join } from "node:path";
import { removeClusterHome } from "../../local/cluster_home.ts";
import { runUser } from "../../local/paths.ts";
import {
  canRun,
  cloneProject,
  give,
  isClone,
  type Newcomer,
  newcomer,
  type Place,
  run,
} from "../support/newcomer.ts";
import { shortestSqlTest, writeOnePageCorpus } from "../support/small_world.ts";

const clone = "vehicles";
const deno = "npx -y deno@2.9.5 task";
/** Nothing is asked of the internet, also when a job of cron is due just now. */
const offline = "SOURCE_MIRROR_URL=http://127.0.0.1:9";

const folders = [
  // As of a root who keeps everything from others: they cannot even read the files of the clone.
  { name: "that others may not enter", path: "private", mode: 0o700, umask: "077" },
  { name: "with spaces in its name", path: "my old  cars", mode: 0o755, umask: "022" },
  { name: "with letters beyond ASCII", path: "Gefährt ü 車", mode: 0o755, umask: "022" },
];

const isRoot = Deno.uid() === 0;
/** As root, the ordinary user is the one that Postgres runs as; otherwise whoever runs the tests. */
const ordinary = isRoot ? runUser() : null;
const noClone = isClone() ? null : "the project is no clone";
/** A stack that is kept is started where its database is most at odds with the folder. */
const people = [
  {
    who: "root",
    user: null,
    startsIn: "private",
    obstacle: isRoot ? noClone : "we are not root",
  },
  {
    who: "an ordinary user",
    user: ordinary,
    startsIn: "Gefährt ü 車",
    obstacle: canRun("node", ordinary) ? noClone : "that user cannot run node",
  },
];

for (const { who, user, startsIn, obstacle } of people) {
  Deno.test({
    name: `the first minute as ${who}: test, demo and start in odd folders` +
      (obstacle === null ? "" : ` (skipped: ${obstacle})`),
    ignore: obstacle !== null,
    async fn(t) {
      const person = await newcomer(user);
      try {
        for (const folder of folders) {
          await t.step(`in a folder ${folder.name}`, async () => {
            const place = await settle(person, folder);
            await tests(place);
            await demonstrates(place);
            if (folder.path === startsIn) await starts(place);
          });
        }
      } finally {
        for (const { path } of folders) removeClusterHome(join(person.base, path, clone, ".stack"));
        Deno.removeSync(person.base, { recursive: true });
      }
    },
  });
}

/** Clones the project into a folder as the person would, and puts the demo's page beside it. */
async function settle(person: Newcomer, folder: typeof folders[number]): Promise<Place> {
  const parent = join(person.base, folder.path);
  Deno.mkdirSync(parent);
  await cloneProject(person, join(parent, clone), folder.umask);
  writeOnePageCorpus(join(parent, "one page"));
  await give(person, parent);
  Deno.chmodSync(parent, folder.mode);
  return { ...person, dir: join(parent, clone), umask: folder.umask };
}

/** One pgTAP file stands for all tests: it needs Postgres, the migrations and the API. */
async function tests(place: Place): Promise<void> {
  const { code, output } = await run(place, `${deno} test "${shortestSqlTest()}"`);
  assert.match(output, /^[1-9]\d* passed, 0 failed, 0 skipped$/m, output);
  assert.equal(code, 0, output);
}

/** One page stands for the demo's websites. */
async function demonstrates(place: Place): Promise<void> {
  const { code, output } = await run(place, `${deno} demo --corpus "../one page"`);
  assert.match(output, /^All is as it must be\.$/m, output);
  assert.equal(code, 0, output);
}

/** A stack that is kept in the clone starts, answers, and stops when it is told to. */
async function starts(place: Place): Promise<void> {
  let over = false;
  const start = run(place, `${offline} ${deno} start --quiet --port 0 --db-port 0`)
    .finally(() => over = true);
  let state = readState(place.dir);
  for (; state === null && !over; state = readState(place.dir)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (state === null) assert.fail((await start).output);
  const { pid, values: { API_URL: url = "", SECRET_KEY: apikey = "" } } = state;
  try {
    const call = await fetch(`${url}/functions/v1/micro-scrape-bandaid`, {
      method: "POST",
      headers: { apikey },
      body: JSON.stringify({ dry_run: true }),
    });
    assert.equal(call.status, 200, await call.text());
    const stuck = await fetch(`${url}/rest/v1/pipeline_status?state=eq.stuck&select=part,why`, {
      headers: { apikey },
    });
    assert.deepEqual(await stuck.json(), []);
  } finally {
    process.kill(pid, "SIGINT");
  }
  const { code, output } = await start;
  assert.equal(code, 0, output);
}

/** What a running stack says of itself; null while it says nothing yet. */
function readState(dir: string): { pid: number; values: Record<string, string> } | null {
  try {
    return JSON.parse(Deno.readTextFileSync(join(dir, ".stack/stack.json")));
  } catch {
    return null;
  }
}
