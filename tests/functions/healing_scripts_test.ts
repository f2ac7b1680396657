/** The command-line tools of the healing, at their worst: bad input, no key, no answer. */
import assert from "node:assert/strict";
import { projectRoot } from "../../local/paths.ts";
import { forget } from "../../demo/driver/forget.ts";
import { startKslWorld } from "../support/ksl_world.ts";
import { node, type Ran } from "../support/node.ts";
import { everything } from "../support/world.ts";

const DEPLOY = "scripts/deploy-scraper-version.js";
const SINGLE = "scripts/backfill-single-vehicle.js";
const INVOKE = "scripts/invoke.js";
const nobody = { url: "http://127.0.0.1:9", keys: { secret: "x" } as never };

/** One line on stderr that says what is wrong; nothing on stdout. */
function refused(ran: Ran, words: RegExp, code = 2): void {
  assert.equal(ran.code, code, ran.stderr + ran.stdout);
  assert.match(ran.stderr, words);
  assert.equal(ran.stderr.trim().split("\n").length, 1, ran.stderr);
  assert.equal(ran.stdout, "");
}

Deno.test("a mistake in the options is one clear line, and nothing is asked", async (t) => {
  const cases: [string[], RegExp][] = [
    [[DEPLOY, "ksl_scraper", "3.2", "--fields=vin"], /not a semantic version: "3\.2"/],
    [[DEPLOY, "ksl_scraper", "v3.2.x", "--fields=vin"], /not a semantic version/],
    [[DEPLOY, "ksl_scraper", "v3.2.1"], /--fields is missing/],
    [[DEPLOY, "ksl_scraper", "v3.2.1", "--fields="], /--fields is missing/],
    [
      [DEPLOY, "ksl_scraper", "v3.2.1", "--fields=vin", "--priority=0"],
      /--priority must be from 1/,
    ],
    [[DEPLOY, "ksl_scraper", "v3.2.1", "--fields=vin", "--priority", "high"], /not "high"/],
    [[DEPLOY, "ksl_scraper"], /VERSION is missing/],
    [[DEPLOY, "ksl_scraper", "v3.2.1", "--feilds=vin"], /Unknown option '--feilds'/],
    [[DEPLOY, "ksl_scraper", "v3.2.1", "vin", "--fields=vin"], /one argument too many: "vin"/],
    [[SINGLE], /UUID is missing/],
    [[SINGLE, "27cbe9de"], /not a vehicle's id: "27cbe9de"/],
    [[SINGLE, crypto.randomUUID(), "--dry-run", "--auto"], /exclude each other/],
    [[INVOKE], /FUNCTION is missing/],
    [[INVOKE, "../secrets"], /not the name of a function/],
    [[INVOKE, "scrape-vehicle", "--body", "{"], /--body is not JSON/],
  ];
  for (const [args, words] of cases) {
    await t.step(args.join(" "), async () => refused(await node(null, args), words));
  }
});

Deno.test("a project that is not named or not there is one clear line", async () => {
  const args = [INVOKE, "process-backfill-queue"];
  refused(await node(null, args), /SUPABASE_URL is not set/, 1);
  const url = { SUPABASE_URL: "http://127.0.0.1:9" };
  refused(await node(null, args, { env: url }), /no key: set SERVICE_KEY or/, 1);
  refused(await node(nobody, args), /cannot reach http:\/\/127\.0\.0\.1:9/, 1);
  refused(
    await node(null, args, { env: { SUPABASE_URL: "project", SERVICE_KEY: "x" } }),
    /SUPABASE_URL is not a URL/,
    1,
  );
});

Deno.test("a reader that has gone ends a tool without a word", async () => {
  for (const script of [DEPLOY, SINGLE, INVOKE]) {
    const { stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", `{ sleep 0.2; node ${script} --help; echo "ended with $?" >&2; } | true`],
      cwd: projectRoot,
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    assert.deepEqual([decoder.decode(stdout), decoder.decode(stderr)], ["", "ended with 141\n"]);
  }
});

Deno.test("each tool has a help", async () => {
  for (const script of [DEPLOY, SINGLE, INVOKE]) {
    const { code, stdout } = await node(null, [script, "--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /--json/);
    assert.match(stdout, /SUPABASE_URL/);
  }
});

Deno.test("the tools against a project", async (t) => {
  const world = await startKslWorld();
  const { stack, sql, site, ids, urls, lacking } = world;
  try {
    await t.step("a key that is refused", async () => {
      const env = { SERVICE_KEY: "sb_secret_wrong" };
      refused(await node(stack, [INVOKE, "process-backfill-queue"], { env }), /key/, 1);
    });

    await t.step("a function that does not exist", async () => {
      refused(await node(stack, [INVOKE, "no-such-function"]), /no-such-function/, 1);
    });

    await t.step("a body that does not fit: each mistake by its path", async () => {
      const args = [INVOKE, "process-backfill-queue", "--body", '{"batch_size": 0, "speed": 1}'];
      const ran = await node(stack, args);
      refused(ran, /batch_size: .*speed/, 1);
    });

    await t.step("an unknown field, an unknown scraper: nothing is registered", async () => {
      refused(
        await node(stack, [DEPLOY, "ksl_scraper", "v3.2.1", "--fields=vni"]),
        /unknown field: "vni"; known are year, make/,
        1,
      );
      refused(
        await node(stack, [DEPLOY, "kls_scraper", "v3.2.1", "--fields=vin"]),
        /unknown scraper: "kls_scraper"; known are .*ksl_scraper/,
        1,
      );
      refused(
        await node(stack, [DEPLOY, "ksl_scraper", "v3.2.1", "--fields=vni", "--dry-run"]),
        /unknown field: "vni"/,
        1,
      );
      assert.equal((await sql`select from scraper_versions`).length, 0);
    });

    await t.step("no such vehicle, one without a URL", async () => {
      const id = crypto.randomUUID();
      refused(await node(stack, [SINGLE, id, "--dry-run"]), /no such vehicle/, 1);
      await sql`insert into vehicles (id, make) values (${id}, 'Saab')`;
      refused(await node(stack, [SINGLE, id, "--auto"]), /no source URL/, 1);
    });

    await t.step("a removed listing: the code and the word, and no data is lost", async () => {
      site.setFault(urls[0] ?? "", { kind: "gone", status: 404 });
      const [before] = await sql`select to_jsonb(v) as v from vehicles v where id = ${
        ids[0] ?? ""
      }`;
      const ran = await node(stack, [SINGLE, ids[0] ?? "", "--auto"]);
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /^error: gone: .*404/);
      const kept = await node(stack, [SINGLE, ids[0] ?? "", "--dry-run", "--snapshot"]);
      assert.match(kept.stdout, /No changes: the source says nothing new/);
      const [after] = await sql`select to_jsonb(v) as v from vehicles v where id = ${ids[0] ?? ""}`;
      assert.deepEqual(after?.v, before?.v);
    });

    await t.step("another car at the same URL: the word, and no data is lost", async () => {
      const index = ids.findIndex((_, at) => {
        const [own, other] = [site.truth(urls[at] ?? ""), site.truth(urls[0] ?? "")];
        return at > 0 && at < 13 && own?.facts.vin?.length === 17 &&
          other?.facts.vin?.length === 17 && own.facts.make !== other.facts.make;
      });
      assert.notEqual(index, -1, "the catalogue has such a pair");
      site.setFault(urls[index] ?? "", { kind: "page_says", change: "other_car" });
      const id = ids[index] ?? "";
      const [before] = await sql`select year, make, model, vin from vehicles where id = ${id}`;
      const ran = await node(stack, [SINGLE, id, "--auto"]);
      assert.equal(ran.code, 1, ran.stdout);
      assert.match(ran.stderr, /invalid: another vehicle stands at this URL: VIN/);
      const [after] = await sql`select year, make, model, vin from vehicles where id = ${id}`;
      assert.deepEqual({ ...after }, { ...before });
      site.clearFaults();
    });

    await t.step("a dry run says how many would be queued, and why; nothing changes", async () => {
      const before = await everything(sql);
      const args = [DEPLOY, "ksl_scraper", "v3.2.1", "--fields", "vin,mileage", "--dry-run"];
      const text = await node(stack, args);
      assert.match(text.stdout, /^Would queue \d+ vehicles of 60\n/);
      assert.match(text.stdout, /missing vin: 47/);
      const { stdout } = await node(stack, [...args, "--json"]);
      assert.equal(JSON.parse(stdout).why["missing:vin"], 47);
      assert.deepEqual(await everything(sql), before);
    });

    await t.step("it asks before it writes", async () => {
      const id = lacking[0] ?? "";
      const vin = async () => (await sql`select vin from vehicles where id = ${id}`)[0]?.vin;
      const no = await node(stack, [SINGLE, id], { input: "n\n" });
      assert.match(no.stdout, /Write this\? \[y\/N\]/);
      assert.equal(await vin(), null);
      await node(stack, [SINGLE, id], { input: "" });
      assert.equal(await vin(), null, "the end of the input is no yes");
      const yes = await node(stack, [SINGLE, id], { input: "y\n" });
      assert.match(yes.stdout, /✅ 1 field updated: vin/);
      assert.equal(await vin(), site.truth(urls[13] ?? "")?.facts.vin);
      await forget(sql, [id], "vin");
    });

    await t.step("--no-backfill registers and queues nothing", async () => {
      const args = [DEPLOY, "ksl_scraper", "v3.1.9", "--fields=vin", "--no-backfill"];
      const { stdout } = await node(stack, args);
      assert.match(stdout, /✅ Version registered\nNo backfill: no vehicle was queued/);
      assert.equal((await sql`select from backfill_queue where status = 'pending'`).length, 0);
    });

    await t.step("--wait works the queue and shows how far it is", async () => {
      const args = [DEPLOY, "ksl_scraper", "v3.2.0", "--fields=vin", "--priority=1", "--wait"];
      const { code, stdout, stderr } = await node(stack, args);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /✅ Auto-queued 47 vehicles for backfill/);
      assert.match(stdout, /✅ 47 vehicles processed\n✅ 41 changed, 6 had nothing new/);
      assert.match(stderr, /47 of 47 done/);
    });

    await t.step("--json is one JSON object", async () => {
      const args = [DEPLOY, "ksl_scraper", "v3.2.1", "--fields=vin", "--json", "--wait"];
      const { stdout } = await node(stack, args);
      const answer = JSON.parse(stdout);
      assert.equal(answer.queued, 6);
      assert.equal(answer.status.waited, "done");
      const one = await node(stack, [SINGLE, lacking[0] ?? "", "--json"]);
      assert.equal(JSON.parse(one.stdout).written, false);
      const called = await node(stack, [INVOKE, "process-backfill-queue", "--json"]);
      assert.equal(JSON.parse(called.stdout).processed, 0);
    });

    await t.step("--wait does not wait for a version that is not deployed", async () => {
      const args = [DEPLOY, "ksl_scraper", "v9.9.9", "--fields=vin", "--wait"];
      const { code, stdout, stderr } = await node(stack, args);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /✅ Auto-queued 6 vehicles for backfill\n⏳ Not waited for/);
      assert.match(stderr, /^warning: .*functions deploy/m);
    });

    await t.step("a source that contradicts a person says so, and no more", async () => {
      const id = ids[1] ?? "";
      await sql`update vehicles set mileage = 123456 where id = ${id}`;
      for (const flag of ["--dry-run", "--auto"]) {
        const { code, stdout, stderr } = await node(stack, [SINGLE, id, flag]);
        assert.equal(code, 0, stderr);
        assert.match(stdout, /mileage: the source says something else; what is held is kept/i);
        assert.match(stdout, /Nothing to write: what the source says is otherwise held already/);
        assert.doesNotMatch(stdout, /No changes|nothing new/);
      }
      const [held] = await sql`select mileage from vehicles where id = ${id}`;
      assert.equal(held?.mileage, 123456);
    });
  } finally {
    await world.close();
  }
});
