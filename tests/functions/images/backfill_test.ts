import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { startStack } from "../../../local/stack.ts";
import { until } from "../../support/until.ts";
import { type ImageHost, picture, startImageHost } from "./image_host.ts";

interface Setting {
  host: ImageHost;
  sql: postgres.Sql;
  // deno-lint-ignore no-explicit-any -- tests look into answers of every shape
  post(name: string, body: unknown, status?: number): Promise<any>;
  /** The bytes of a stored image. */
  file(path: string): Promise<Uint8Array>;
}

async function withStack(test: (setting: Setting) => Promise<void>) {
  const host = startImageHost();
  const stack = await startStack({
    quiet: true,
    cron: false,
    functionEnv: { SOURCE_MIRROR_URL: host.url },
  });
  const sql = postgres(stack.dbUrl, { max: 4, onnotice: () => {} });
  await sql`alter table source_hosts alter column min_interval_ms set default 0`;
  const client = createClient(stack.url, stack.keys.secret, { auth: { persistSession: false } });
  try {
    await test({
      host,
      sql,
      async post(name, body, status = 200) {
        const response = await fetch(`${stack.url}/functions/v1/${name}`, {
          method: "POST",
          headers: {
            authorization: `Bearer ${stack.keys.serviceRole}`,
            "content-type": "application/json",
          },
          body: JSON.stringify(body),
        });
        const answer = await response.json();
        assert.equal(response.status, status, JSON.stringify(answer));
        return answer;
      },
      async file(path) {
        const { data, error } = await client.storage.from("vehicle-images").download(path);
        assert.equal(error, null);
        return new Uint8Array(await data?.arrayBuffer() ?? new ArrayBuffer(0));
      },
    });
  } finally {
    await sql.end();
    await stack.stop();
    await host.stop();
  }
}

/** A vehicle that knows these image URLs; gives its id. */
async function vehicleWith(sql: postgres.Sql, urls: string[]): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into vehicles (discovery_url, origin_metadata)
    values ('https://cars.example/' || gen_random_uuid(), ${sql.json({ image_urls: urls })})
    returning id`;
  return row?.id ?? "";
}

const statuses = async (sql: postgres.Sql, id: string) =>
  (await sql<{ status: string }[]>`
    select status from image_downloads where vehicle_id = ${id} order by position`)
    .map((row) => row.status);

let seed = 0;
/** URLs of a host of their own, each serving another picture. */
function gallery(host: ImageHost, name: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const url = `https://${name}.example/${at}.png`;
    host.serve(url, picture(++seed));
    return url;
  });
}

Deno.test("images are downloaded from the URLs that are known", async (t) => {
  await withStack(async ({ host, sql, post, file }) => {
    await t.step(
      "a vehicle's images come, once, with size, type and place in Storage",
      async () => {
        const urls = gallery(host, "once", 6);
        host.serve(`${urls[4]}`, picture(seed - 5)); // the bytes of the first
        const id = await vehicleWith(sql, urls);
        const answer = await post("retry-image-backfill", {
          vehicle_ids: [id],
          only_missing: true,
        });
        assert.deepEqual(
          [answer.claimed, answer.stored, answer.duplicates, answer.failed, answer.errors],
          [6, 5, 1, 0, []],
        );
        assert.deepEqual(answer.vehicles, [{
          vehicle_id: id,
          outcome: "complete",
          images: 5,
          images_added: 5,
          next_attempt_at: null,
          message: null,
        }]);
        const images = await sql`
        select * from vehicle_images where vehicle_id = ${id} order by position`;
        assert.deepEqual(images.map((image) => image.position), [0, 1, 2, 3, 5]);
        const [cover] = images;
        const hash = createHash("sha256").update(await file(cover?.storage_path)).digest("hex");
        assert.equal(hash, cover?.content_hash);
        assert.deepEqual(
          [cover?.is_primary, cover?.mime_type, cover?.bytes, cover?.width, cover?.height],
          [true, "image/png", 64, 640, 480],
        );
        const [duplicate] = await sql`select * from image_downloads where status = 'duplicate'`;
        assert.deepEqual([duplicate?.url, duplicate?.duplicate_of], [urls[4], urls[0]]);

        for (const only_missing of [true, false]) {
          const again = await post("retry-image-backfill", { vehicle_ids: [id], only_missing });
          assert.equal(again.claimed, 0);
          assert.equal(again.vehicles[0].outcome, only_missing ? "skipped" : "complete");
        }
        for (const url of urls) assert.equal(host.count(url), 1, url);
      },
    );

    await t.step(
      "only_missing leaves vehicles with a picture alone; without it their gallery is completed",
      async () => {
        const urls = gallery(host, "partial", 3);
        const id = await vehicleWith(sql, urls);
        await sql`
        insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position)
        values (${id}, ${"f".repeat(64)}, 'https://by.hand/', ${
          "f".repeat(64)
        }, 'image/png', 1, 60, 60, 0)`;
        const skipped = await post("retry-image-backfill", { vehicle_ids: [id] });
        assert.deepEqual([skipped.claimed, skipped.vehicles[0].outcome], [0, "skipped"]);
        const completed = await post("retry-image-backfill", {
          vehicle_ids: [id],
          only_missing: false,
        });
        assert.deepEqual([completed.stored, completed.vehicles[0].images], [3, 4]);
      },
    );

    await t.step("each broken image says why, keeps its URL, and spoils no other", async () => {
      const [good = ""] = gallery(host, "mixed", 1);
      const at = (name: string) => `https://mixed.example/${name}`;
      host.serve(
        at("wall"),
        () => new Response("<html>Just a moment…", { headers: { "content-type": "image/jpeg" } }),
      );
      host.serve(
        at("pixel"),
        new Uint8Array([...picture(0).subarray(0, 16), 0, 0, 0, 1, 0, 0, 0, 1]),
      );
      host.serve(at("down"), () => new Response("oops", { status: 500 }));
      host.serve(at("huge"), () => new Response(new Uint8Array(9 * 1024 * 1024)));
      const hostile = [
        "file:///etc/passwd",
        "http://169.254.169.254/latest.png",
        "http://localhost/a.png",
      ];
      const urls = [at("lost"), at("wall"), at("pixel"), at("down"), at("huge"), ...hostile, good];
      const id = await vehicleWith(sql, urls);
      const answer = await post("retry-image-backfill", { vehicle_ids: [id] });
      assert.equal(answer.vehicles[0].outcome, "waiting");
      const rows = await sql<{ url: string; status: string; last_error: string }[]>`
        select url, status, last_error from image_downloads where vehicle_id = ${id} order by position`;
      const said = new Map(rows.map((row) => [row.url, `${row.status}: ${row.last_error}`]));
      assert.match(said.get(at("lost")) ?? "", /^gone: /);
      assert.match(said.get(at("wall")) ?? "", /^failed: not an image: an HTML page/);
      assert.match(said.get(at("pixel")) ?? "", /^failed: too small for a photo: 1×1 pixels/);
      assert.match(said.get(at("down")) ?? "", /^pending: /);
      assert.match(said.get(at("huge")) ?? "", /^failed: /);
      for (const url of hostile) assert.match(said.get(url) ?? "", /^failed: /, url);
      assert.equal(said.get(good), "stored: null");
      const [held] = await sql<{ urls: string[] }[]>`
        select origin_metadata -> 'image_urls' as urls from vehicles where id = ${id}`;
      assert.deepEqual(held?.urls, urls);

      // A person tries again, after the site was repaired.
      host.serve(at("wall"), picture(++seed));
      host.serve(at("down"), picture(++seed));
      const again = await post("retry-image-backfill", { vehicle_ids: [id], only_missing: false });
      assert.equal(again.stored, 2);
      assert.equal(host.count(at("lost")), 1, "what is gone is not asked for again");
    });

    await t.step(
      "a host that is too busy is left alone until the time it names, at no cost",
      async () => {
        const urls = gallery(host, "busy", 5);
        for (const url of urls) {
          host.serve(
            url,
            () => new Response("slow down", { status: 429, headers: { "retry-after": "600" } }),
          );
        }
        const id = await vehicleWith(sql, urls);
        const answer = await post("retry-image-backfill", { vehicle_ids: [id] });
        assert.equal(answer.vehicles[0].outcome, "waiting");
        const asked = urls.reduce((sum, url) => sum + host.count(url), 0);
        assert.ok(asked <= 4, `${asked} requests: no more than were under way at once`);
        const rows = await sql`
        select status, attempts, next_attempt_at > now() + interval '9 minutes' as later
        from image_downloads where vehicle_id = ${id}`;
        const waiting = rows.filter((row) => row.later);
        assert.ok(rows.every((row) => row.status === "pending" && row.attempts === 0));
        assert.ok(waiting.length >= 1);
      },
    );

    await t.step("without names, vehicles that have no picture come first", async () => {
      await sql`delete from vehicles`;
      const ids = [];
      for (let n = 0; n < 5; n++) ids.push(await vehicleWith(sql, gallery(host, `many${n}`, 4)));
      const answer = await post("backfill-images", { batch_size: 5 });
      assert.deepEqual([answer.claimed, answer.stored], [5, 5]);
      const covered =
        await sql`select count(distinct vehicle_id)::int as count from vehicle_images`;
      assert.equal(covered[0]?.count, 5);
      const missing = await post("retry-image-backfill", { batch_size: 50 });
      assert.deepEqual([missing.claimed, missing.vehicles], [0, []]);
      const rest = await post("retry-image-backfill", { batch_size: 2, only_missing: false });
      assert.deepEqual([rest.vehicles.length, rest.stored], [2, 6]);
    });

    await t.step("images that are given up are not passed over in silence", async () => {
      await sql`delete from vehicles`;
      const urls = gallery(host, "given-up", 3);
      const id = await vehicleWith(sql, urls);
      await sql`
        update image_downloads
        set status = 'failed', outcome = 'server_error', last_error = 'HTTP 500', attempts = 5, next_attempt_at = null`;
      const worker = await post("backfill-images", {});
      assert.deepEqual([worker.claimed, worker.given_up.images, worker.given_up.vehicles], [
        0,
        3,
        1,
      ]);
      const all = await post("retry-image-backfill", { only_missing: false });
      assert.deepEqual([all.claimed, all.given_up], [0, worker.given_up]);
      await sql.unsafe(all.given_up.what_to_type);
      const typed = await post("retry-image-backfill", {});
      assert.deepEqual([typed.stored, typed.given_up.images], [3, 0]);
      const one = await post("backfill-images", { vehicle_ids: [id] });
      assert.deepEqual(one.given_up, { images: 0, vehicles: 0, what_to_type: null });
    });

    await t.step(
      "only a person's run counts them: nobody reads what one in the background says",
      async () => {
        await sql`delete from vehicles`;
        await sql`create table public.asked (at timestamptz)`;
        await sql.unsafe(`
        alter function images_given_up(uuid[]) rename to images_given_up_counted;
        create function images_given_up(p_vehicle_ids uuid[] default null) returns jsonb
        language plpgsql security definer as $$
        begin
          insert into public.asked values (now());
          return images_given_up_counted(p_vehicle_ids);
        end $$`);
        const id = await vehicleWith(sql, gallery(host, "background", 2));
        await post("backfill-images", { background: true }, 202);
        await until("the images are stored", async () => {
          const [row] =
            await sql`select count(*)::int as n from vehicle_images where vehicle_id = ${id}`;
          return row?.n === 2;
        });
        await post("retry-image-backfill", { background: true, vehicle_ids: [id] }, 202);
        await post("backfill-images", {});
        const [asked] = await sql`select count(*)::int as times from asked`;
        assert.equal(asked?.times, 1);
        await sql.unsafe(`
        drop function images_given_up(uuid[]);
        drop table public.asked;
        alter function images_given_up_counted(uuid[]) rename to images_given_up`);
      },
    );

    await t.step("four workers at once fetch each image once", async () => {
      await sql`delete from vehicles`;
      const urls = Array.from({ length: 6 }, (_, n) => gallery(host, `shared${n}`, 8)).flat();
      for (let n = 0; n < 6; n++) await vehicleWith(sql, urls.slice(n * 8, n * 8 + 8));
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => post("backfill-images", { batch_size: 100 })),
      );
      assert.equal(answers.reduce((sum, answer) => sum + answer.stored, 0), 48);
      for (const url of urls) assert.equal(host.count(url), 1, url);
      const [left] =
        await sql`select count(*)::int as count from image_downloads where status <> 'stored'`;
      assert.equal(left?.count, 0);
    });

    await t.step(
      "the images of a worker that died are downloaded when its lease has run out",
      async () => {
        const id = await vehicleWith(sql, gallery(host, "orphan", 2));
        await sql`select * from claim_image_downloads(10)`;
        assert.equal((await post("backfill-images", {})).claimed, 0);
        await sql`update image_downloads set lease_expires_at = now() where status = 'leased'`;
        assert.equal((await post("backfill-images", {})).stored, 2);
        assert.deepEqual(await statuses(sql, id), ["stored", "stored"]);
      },
    );

    await t.step("a run that has no time left begins nothing and leaves no lease", async () => {
      const id = await vehicleWith(sql, gallery(host, "late", 12));
      for (let at = 0; at < 12; at++) {
        const url = `https://late.example/${at}.png`;
        const bytes = picture(++seed);
        host.serve(url, async () => {
          // Longer than the run's own clock, in another process, has for all of them.
          await new Promise((resolve) => setTimeout(resolve, 1_500));
          return new Response(bytes, { headers: { "content-type": "image/png" } });
        });
      }
      const answer = await post("backfill-images", { max_runtime_ms: 6_000 });
      assert.equal(answer.more, true);
      assert.ok(answer.stored > 0 && answer.stored < 12, JSON.stringify(answer));
      const after = await statuses(sql, id);
      assert.ok(!after.includes("leased"));
      const [row] = await sql`
        select max(attempts)::int as attempts from image_downloads
        where vehicle_id = ${id} and status = 'pending'`;
      assert.equal(row?.attempts, 0, "what was not begun cost no attempt");
    });
  });
});
