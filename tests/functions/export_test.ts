/** Everything as CSV and JSON lines, also after it was interrupted. */
import assert from "node:assert/strict";
import { join } from "node:path";
import keys from "../../scripts/export/tables.json" with { type: "json" };
import { node } from "../support/node.ts";
import { insertListings, startWorld } from "../support/world.ts";

const EXPORT = "scripts/export.js";
const BAT = "bringatrailer.com";
const VEHICLES = 2_300;
/** What a reader of CSV or of lines could stumble over. */
const HOSTILE = 'a "quoted", text\nof two\r\nlines\u2028; 🚗 =1+1';

Deno.test("export", async (t) => {
  const world = await startWorld({ site: { seed: "export", counts: { [BAT]: 3 } } });
  const { stack, sql } = world;
  const dir = Deno.makeTempDirSync();
  // Between the tool and the project: refuses what it is told to.
  let asked = 0;
  let refuse: (table: string, asked: number) => number | null = () => null;
  const between = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const url = new URL(request.url);
    const status = refuse(url.pathname.split("/").at(-1) ?? "", ++asked);
    if (status !== null) return Response.json({ message: "not now" }, { status });
    const { method, headers } = request;
    return await fetch(stack.url + url.pathname + url.search, { method, headers });
  });
  const through = { url: `http://127.0.0.1:${between.addr.port}`, keys: stack.keys };
  const lines = (folder: string, table: string): unknown[] =>
    Deno.readTextFileSync(join(folder, `${table}.jsonl`)).split("\n").filter(Boolean)
      .map((line) => JSON.parse(line));
  const held = async (table: string, key: string[]): Promise<unknown[]> =>
    (await sql.unsafe(`select to_jsonb(t) as row from ${table} t order by ${key.join(",")}`))
      .map(({ row }) => row);
  /** What Postgres reads from the CSV, everything as text. */
  const copied = async (folder: string, table: string) =>
    await sql.begin(async (tx) => {
      const columns = (await tx.unsafe(`select * from ${table} limit 0`)).columns
        .map(({ name }) => `"${name}" text`);
      await tx.unsafe(`create temporary table copied (${columns.join()}) on commit drop`);
      const writable = await tx`copy copied from stdin with (format csv, header)`.writable();
      writable.end(Deno.readTextFileSync(join(folder, `${table}.csv`)));
      await new Promise((resolve, reject) => writable.on("finish", resolve).on("error", reject));
      return [...await tx.unsafe<Record<string, string | null>[]>("select * from copied")];
    });
  try {
    const urls = [0, 1, 2].map((at) => world.site.catalogue.at(BAT, at)?.url ?? "");
    const ids = await insertListings(sql, urls);
    const scraped = await world.post("scrape-vehicle", { vehicle_ids: ids });
    assert.equal(scraped.body.success, true);
    await sql`
      insert into vehicles (year, make, model, description, origin_metadata)
      select 1960 + n % 60, 'Citroën', 'DS', ${HOSTILE}::text, jsonb_build_object('text', ${HOSTILE}::text, 'n', n)
      from generate_series(1, ${VEHICLES}) as n`;
    await sql`
      insert into image_downloads (vehicle_id, url, position, wave, last_error)
      select ${ids[0] ?? ""}, 'https://images.example/"a",(b)\\' || n || '.jpg', 1000 + n, 3, ''
      from generate_series(1, 1500) as n`;

    await t.step("holds every row of every table, exactly", async () => {
      const folder = join(dir, "whole");
      const { code, stdout, stderr } = await node(stack, [EXPORT, folder]);
      assert.equal(code, 0, stderr);
      assert.match(
        stdout,
        new RegExp(`^✅ [\\d,]+ rows of ${Object.keys(keys).length} tables in `),
      );
      for (const [table, key] of Object.entries(keys)) {
        assert.deepEqual(lines(folder, table), await held(table, key), table);
      }
      assert.ok(lines(folder, "auction_bids").length > 0);
      const vehicles = await copied(folder, "vehicles");
      assert.equal(vehicles.length, VEHICLES + 3);
      const one = vehicles.find(({ make }) => make === "Citroën");
      assert.deepEqual([one?.description, one?.vin], [HOSTILE, null]);
      assert.equal(JSON.parse(one?.origin_metadata ?? "{}").text, HOSTILE);
      const images = await copied(folder, "image_downloads");
      assert.equal(images.filter((image) => image.last_error === "").length, 1_500);
      assert.ok(images.some((image) => image.last_error === null));
    });

    await t.step(
      "goes on where it was stopped, with nothing twice and nothing left out",
      async () => {
        const folder = join(dir, "interrupted");
        const args = [EXPORT, folder, "--tables", "image_downloads,vehicles"];
        refuse = (_, asked) => asked >= 2 ? 401 : null;
        const stopped = await node(through, args);
        assert.equal(stopped.code, 1);
        assert.match(
          stopped.stderr,
          /error: image_downloads: .*401.*The same command goes on from here/,
        );
        // Written, and killed before that was noted.
        for (const file of ["image_downloads.csv", "image_downloads.jsonl"]) {
          Deno.writeTextFileSync(join(folder, file), '{"half', { append: true });
        }
        refuse = (table) => table === "image_downloads" ? null : 401;
        assert.equal((await node(through, args)).code, 1);
        refuse = () => null;
        assert.equal((await node(through, args)).code, 0);
        for (const [table, key] of Object.entries(keys)) {
          if (!["image_downloads", "vehicles"].includes(table)) continue;
          assert.deepEqual(lines(folder, table), await held(table, key));
          assert.equal((await copied(folder, table)).length, lines(folder, table).length);
        }
        asked = 0;
        const again = await node(through, args);
        assert.equal(again.code, 0);
        assert.match(again.stdout, /since 2.*--fresh begins anew/);
        assert.equal(asked, 0);
      },
    );

    await t.step("asks again, for fewer rows, when a page does not come", async () => {
      asked = 0;
      refuse = (_, asked) => asked === 1 ? 503 : null;
      const folder = join(dir, "tired");
      const { code, stderr } = await node(through, [EXPORT, folder, "--tables", "vehicles"]);
      assert.equal(code, 0, stderr);
      assert.deepEqual(lines(folder, "vehicles"), await held("vehicles", ["id"]));
      refuse = () => null;
    });

    await t.step("begins anew when told to", async () => {
      const folder = join(dir, "tired");
      await sql`delete from vehicles where make = 'Citroën'`;
      const { code } = await node(through, [EXPORT, folder, "--tables", "vehicles", "--fresh"]);
      assert.equal(code, 0);
      assert.equal(lines(folder, "vehicles").length, 3);
    });

    await t.step("writes into no folder that holds something else", async () => {
      const strange = join(dir, "strange");
      Deno.mkdirSync(strange);
      Deno.writeTextFileSync(join(strange, "letter.txt"), "dear …");
      const notEmpty = await node(stack, [EXPORT, strange]);
      assert.equal(notEmpty.code, 1);
      assert.match(notEmpty.stderr, /is not empty, and holds no export/);
      const other = await node(stack, [EXPORT, join(dir, "interrupted")]);
      assert.match(
        other.stderr,
        /holds an export of http:\/\/127.0.0.1:\d+: another folder, or --fresh/,
      );
      const unknown = await node(stack, [EXPORT, join(dir, "new"), "--tables", "vehicles,wheels"]);
      assert.equal(unknown.code, 2);
      assert.match(unknown.stderr, /no such table: wheels/);
    });
  } finally {
    await between.shutdown();
    await world.close();
    Deno.removeSync(dir, { recursive: true });
  }
});
