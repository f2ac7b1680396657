/** Every `curl` of two documents of the specification, run as written by a shell, against the functions. */
import assert from "node:assert/strict";
import { mirrorUrl } from "../../demo/site/mirror.ts";
import { commandsOf, specExists, sqlBlocks } from "../support/spec.ts";
import { until } from "../support/until.ts";
import { type Answer, insertListings, startWorld, type World } from "../support/world.ts";

const HOST = "bringatrailer.com";

interface Check {
  /** Words that only this command has. */
  words: string;
  /** What its text says that it does. */
  title: string;
  check(run: (placeholders?: Record<string, string>) => Promise<Answer>): Promise<void>;
}

/** Runs a command of the specification in a shell, its placeholders filled in; gives what curl got. */
async function shell(
  { stack }: World,
  command: string,
  placeholders: Record<string, string>,
): Promise<Answer> {
  const known = {
    "https://your-project.supabase.co": stack.url,
    "YOUR_SERVICE_KEY": stack.keys.secret,
    ...placeholders,
  };
  const written = Object.entries(known).reduce(
    (text, [placeholder, value]) => text.replaceAll(placeholder, value),
    command,
  );
  const { stdout, stderr, success } = await new Deno.Command("bash", {
    args: ["-c", `${written} --silent --show-error --write-out '\n%{http_code}'`],
    env: { SERVICE_KEY: stack.keys.secret },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(success, `${written}\n${new TextDecoder().decode(stderr)}`);
  const end = text.lastIndexOf("\n");
  return { status: Number(text.slice(end + 1)), body: JSON.parse(text.slice(0, end)) };
}

const hasCurl = await new Deno.Command("bash", { args: ["-c", "command -v curl"] }).output()
  .then(({ success }) => success, () => false);
const lacking = [...specExists ? [] : ["../shared/spec"], ...hasCurl ? [] : ["curl"]];

/** What the commands are asked about: auctions that wait to be read. */
async function seed(world: World) {
  const { site, sql } = world;
  const urls = Array.from({ length: 13 }, (_, n) => site.catalogue.at(HOST, n)?.url ?? "");
  const ids = await insertListings(sql, urls);
  // One was tried as often as the command allows.
  await sql`
    update bat_extraction_queue set attempts = 3, max_attempts = 5 where vehicle_id = ${
    ids[12] ?? ""
  }`;
  return { urls, ids };
}

/** The checks of each document; they build on one another, as its text does. */
function checksOf(
  world: World,
  { urls, ids }: { urls: string[]; ids: string[] },
): Record<string, Check[]> {
  const { site, sql } = world;
  const imagesOf = async (id: string) =>
    (await sql`select from vehicle_images where vehicle_id = ${id}`).length;
  const shown = (id: string) => site.truth(urls[ids.indexOf(id)] ?? "")?.images.length;
  const pagesAskedFor = () => urls.reduce((sum, url) => sum + site.count(url), 0);
  return {
    "bat-backfill.md": [{
      words: "/process-bat-extraction-queue",
      title: "works off ten rows, none that was tried three times, and says what it read",
      async check(run) {
        const { status, body } = await run();
        assert.equal(status, 200, JSON.stringify(body));
        assert.deepEqual([body.success, body.processed, body.completed, body.failed], [
          true,
          10,
          10,
          0,
        ]);
        assert.equal(body.more_due, true, "two more wait");
        for (const one of body.results) {
          assert.equal(one.auction.outcome, site.truth(one.bat_url)?.auction?.outcome);
        }
        const second = await run();
        assert.equal(second.body.processed, 2);
        const left = await sql`
          select vehicle_id, status, attempts from bat_extraction_queue where status <> 'complete'`;
        assert.deepEqual([...left], [{ vehicle_id: ids[12], status: "pending", attempts: 3 }]);
      },
    }],
    "partial-scrape-retry.md": [
      {
        words: '"vehicle_ids": ["uuid1", "uuid2"]',
        title: "images of the named vehicles, and of no other; no listing is read again",
        async check(run) {
          const [a = "", b = ""] = ids;
          site.setImageFault(HOST, { kind: "server_error" }, 1);
          const down = await run({ uuid1: a, uuid2: b });
          assert.equal(down.body.vehicles[0].outcome, "waiting", JSON.stringify(down.body));
          assert.equal(await imagesOf(a), 0);
          site.clearFaults();
          site.clearLog();
          const { status, body } = await run({ uuid1: a, uuid2: b });
          assert.equal(status, 200, JSON.stringify(body));
          for (const id of [a, b]) assert.equal(await imagesOf(id), shown(id));
          assert.equal(
            (await sql`select from vehicle_images where vehicle_id <> all (${[a, b]})`).length,
            0,
          );
          assert.equal(pagesAskedFor(), 0);
          const again = await run({ uuid1: a, uuid2: b });
          assert.deepEqual(
            again.body.vehicles.map((one: { outcome: string }) => one.outcome),
            ["skipped", "skipped"],
            "only_missing",
          );
        },
      },
      {
        words: "'{\"batch_size\": 50}'",
        title: "images of all vehicles with stored URLs and none",
        async check(run) {
          const [query = ""] = sqlBlocks("partial-scrape-retry.md")
            .filter(({ text }) => text.includes("AND NOT EXISTS (")).map(({ text }) => text);
          const needing = await sql.unsafe(query);
          assert.equal(needing.length, 10, "twelve were read, two have their images");
          const { status, body } = await run();
          assert.equal(status, 200, JSON.stringify(body));
          assert.equal(body.vehicles.length, 10);
          for (const { id } of needing) assert.equal(await imagesOf(id), shown(id));
          assert.deepEqual([...await sql.unsafe(query)], []);
          assert.equal(pagesAskedFor(), 0);
        },
      },
      {
        words: '"vehicle_ids": ["vehicle-uuid-here"]',
        title: "images of one vehicle that lost them",
        async check(run) {
          const [, , id = ""] = ids;
          await sql`delete from vehicle_images where vehicle_id = ${id}`;
          const { status, body } = await run({ "vehicle-uuid-here": id });
          assert.equal(status, 200, JSON.stringify(body));
          assert.equal(await imagesOf(id), shown(id));
        },
      },
      {
        words: "/extract-vin-from-vehicle",
        title: "the VIN, from the text that is handed in; nothing is fetched, nothing else changes",
        async check(run) {
          const vin = (n: number) => site.truth(urls[n] ?? "")?.facts.vin ?? "";
          const place = urls.findIndex((_, n) => n < 12 && vin(n).length === 17);
          const id = ids[place] ?? "";
          await sql`update vehicles set vin = null where id = ${id}`;
          await sql`update vehicles set field_state = field_state - 'vin' where id = ${id}`;
          const page = await (await fetch(mirrorUrl(site.url, urls[place] ?? ""))).text();
          const at = page.indexOf(vin(place));
          assert.ok(at > 0, "the page states it");
          site.clearLog();

          const nothing = await run({ "vehicle-uuid-here": id });
          assert.equal(nothing.status, 200, JSON.stringify(nothing.body));
          assert.deepEqual([nothing.body.vin, nothing.body.updated], [null, false]);

          const html = JSON.stringify(page.slice(at - 200, at + 100)).slice(1, -1);
          const { status, body } = await run({
            "vehicle-uuid-here": id,
            "optional HTML if available": html.replaceAll("'", "\\u0027"),
          });
          assert.equal(status, 200, JSON.stringify(body));
          assert.deepEqual([body.vin, body.updated, body.fields_updated], [vin(place), true, [
            "vin",
          ]]);
          assert.equal(site.requests.length, 0);
        },
      },
    ],
  };
}

Deno.test({
  name: "the commands of the specification do what its text says" +
    (lacking.length > 0 ? ` (skipped: ${lacking.join(" and ")} is absent)` : ""),
  ignore: lacking.length > 0,
  async fn(t) {
    const world = await startWorld({ site: { counts: { [HOST]: 14 } } });
    try {
      const seeded = await seed(world);
      for (const [document, checks] of Object.entries(checksOf(world, seeded))) {
        const curls = commandsOf(document).filter((command) => command.startsWith("curl "));
        for (const curl of curls) {
          const fitting = checks.filter(({ words }) => curl.includes(words));
          await t.step(`${document}: ${fitting[0]?.title ?? curl}`, async () => {
            assert.equal(fitting.length, 1, `one check is for this command:\n${curl}`);
            await fitting[0]?.check((placeholders = {}) => shell(world, curl, placeholders));
          });
        }
        await t.step(`${document}: no check is without its command`, () => {
          for (const { words } of checks) {
            assert.equal(curls.filter((curl) => curl.includes(words)).length, 1, words);
          }
        });
      }

      await t.step(
        "commands that the CLI does not have: the log that stands in for them",
        async () => {
          const others = commandsOf("partial-scrape-retry.md").filter((it) =>
            !it.startsWith("curl ")
          );
          const names = others.map((it) => /^supabase functions logs (\S+)$/.exec(it)?.[1] ?? it);
          assert.deepEqual(names, [
            "import-bat-listing",
            "backfill-images",
            "retry-image-backfill",
          ]);
          const url = world.site.catalogue.at(HOST, 13)?.url;
          assert.equal((await world.post("import-bat-listing", { url })).status, 200);
          assert.equal((await world.post("backfill-images", {})).status, 200);
          for (const name of names) {
            const run = new RegExp(`\\[${name}\\] \\{.*"message":"ran.*"status":200,`);
            await until(
              `the log has a run of ${name}`,
              async () => run.test(await Deno.readTextFile(world.stack.functionsLog)),
            );
          }
        },
      );
    } finally {
      await world.close();
    }
  },
});
