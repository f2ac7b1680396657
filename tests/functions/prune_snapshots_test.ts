/** A file that is removed from Storage while it is kept again: never a row without its file. */
import assert from "node:assert/strict";
import type { DatabaseClient } from "../../supabase/functions/_shared/database/client.ts";
import { connect } from "../../supabase/functions/_shared/database/client.ts";
import { hostDatabase } from "../../supabase/functions/_shared/database/hosts.ts";
import { snapshotDatabase } from "../../supabase/functions/_shared/database/snapshots.ts";
import { sha256 } from "../../supabase/functions/_shared/domain/hash.ts";
import {
  pack,
  snapshotId,
  storagePath,
} from "../../supabase/functions/_shared/fetching/snapshots/codec.ts";
import { startWorld, type World } from "../support/world.ts";

/** A page whose row was forgotten and whose file waits to be removed. */
class Page {
  readonly #database: DatabaseClient;
  readonly bytes: Uint8Array;
  readonly url: string;
  hash = "";
  path = "";

  constructor(database: DatabaseClient, name: string) {
    this.#database = database;
    this.bytes = new TextEncoder().encode(`<html>${name}</html>`);
    this.url = `https://kept.example/${name}`;
  }

  async upload(): Promise<void> {
    this.hash = sha256(this.bytes);
    this.path = storagePath(this.hash);
    await snapshotDatabase(this.#database).put(this.path, pack(this.bytes));
  }

  async record(): Promise<void> {
    await hostDatabase(this.#database).record(crypto.randomUUID(), {
      ...{ attempts: [], answers: [], robots: [], released: [], seen: [] },
      snapshots: [{
        id: snapshotId(this.url, this.hash),
        ...{ canonical_url: this.url, url: this.url, final_url: this.url, sha256: this.hash },
        ...{ fetched_at: new Date().toISOString(), status: 200, etag: null, last_modified: null },
        content_type: "text/html",
        ...{ bytes: this.bytes.length, stored_bytes: 9, storage_path: this.path },
      }],
    });
  }

  async exists(): Promise<boolean> {
    return await snapshotDatabase(this.#database).get(this.path) !== null;
  }
}

async function forgotten({ sql }: World, database: DatabaseClient, name: string): Promise<Page> {
  const page = new Page(database, name);
  await page.upload();
  await sql`insert into private.unneeded_snapshot_objects (storage_path) values (${page.path})`;
  return page;
}

async function rows({ sql }: World, page: Page): Promise<number> {
  const [row] = await sql`
    select count(*)::int as count from page_snapshots where storage_path = ${page.path}`;
  return row?.count;
}

/** All orders in which the steps of two can fall. */
function orders<T>(a: readonly T[], b: readonly T[]): T[][] {
  const [x, ...as] = a, [y, ...bs] = b;
  if (x === undefined || y === undefined) return [[...a, ...b]];
  return [
    ...orders(as, b).map((rest) => [x, ...rest]),
    ...orders(a, bs).map((rest) => [y, ...rest]),
  ];
}

/** A run of prune-snapshots, step by step. */
function pruning(database: DatabaseClient) {
  let claimed: { bucket: string; storage_path: string }[] = [];
  const paths = () => claimed.map(({ storage_path }) => storage_path);
  return {
    async claim() {
      const { data, error } = await database.rpc("claim_unneeded_objects", { p_limit: 100 });
      assert.equal(error, null);
      claimed = data as typeof claimed;
    },
    async remove() {
      if (claimed.length > 0) await database.storage.from("page-snapshots").remove(paths());
    },
    async forget() {
      await database.rpc("forget_snapshot_objects", { p_paths: paths() });
    },
  };
}

Deno.test("prune-snapshots beside workers that keep the same pages again", async (t) => {
  const world = await startWorld();
  const { sql, stack, post } = world;
  const database = connect(stack.url, stack.keys.secret);
  try {
    await t.step("whatever the order of their steps, no row is without its file", async () => {
      const kept = [];
      const all = orders(["upload", "record"], ["claim", "remove", "forget"]);
      for (const order of all) {
        const page = await forgotten(world, database, order.join(" "));
        const prune = pruning(database);
        for (const step of order) {
          if (step === "upload" || step === "record") await page[step]();
          else await prune[step as "claim"]();
        }
        const named = await rows(world, page) > 0;
        if (named) assert.ok(await page.exists(), `${order}: a row without its file`);
        if (named) kept.push(order.join(" "));
        await sql`truncate page_snapshots, private.unneeded_snapshot_objects`;
      }
      assert.equal(all.length, 10);
      // Kept before the run begins, it stays; what might be lost is left out rather than named.
      assert.deepEqual(kept, ["upload record claim remove forget"]);
    });

    await t.step("a page that could not be kept is kept a quarter of an hour later", async () => {
      const page = await forgotten(world, database, "later");
      await post("prune-snapshots", {});
      await page.upload();
      await page.record();
      assert.equal(await rows(world, page), 0);
      await sql`update private.removed_objects set removed_at = removed_at - interval '15 minutes'`;
      await page.record();
      assert.equal(await rows(world, page), 1);
      assert.ok(await page.exists());
    });

    await t.step("a file that nobody names in the end is removed once more", async () => {
      const page = await forgotten(world, database, "nobody");
      await post("prune-snapshots", {});
      await page.upload();
      await page.record();
      assert.ok(await page.exists());
      await sql`update private.removed_objects set removed_at = removed_at - interval '15 minutes'`;
      await post("prune-snapshots", {});
      assert.equal(await page.exists(), false);
    });

    await t.step("120 rounds of both at once: every row has its file", async () => {
      let kept = 0;
      for (let round = 0; round < 30; round++) {
        const pages = await Promise.all(
          [0, 1, 2, 3].map((n) => forgotten(world, database, `${round} ${n}`)),
        );
        await Promise.all([
          post("prune-snapshots", { batch_size: 1 + round % 4 }),
          ...pages.map(async (page, n) => {
            await page.upload();
            await new Promise((done) => setTimeout(done, n * 4)); // the run is anywhere by now
            await page.record();
          }),
        ]);
        for (const page of pages) {
          if (await rows(world, page) === 0) continue;
          kept++;
          assert.ok(await page.exists(), `round ${round}: a row without its file`);
        }
      }
      assert.ok(kept > 0, "some were kept");
    });

    await t.step("what a forgotten vehicle has in Storage goes with it", async () => {
      const page = new Page(database, "forgotten");
      await page.upload();
      await page.record();
      const hash = sha256(new TextEncoder().encode("a picture"));
      const path = `${hash.slice(0, 2)}/${hash}.jpg`;
      const images = database.storage.from("vehicle-images");
      assert.equal(
        (await images.upload(path, new Uint8Array([1, 2, 3]), { contentType: "image/jpeg" })).error,
        null,
      );
      const [vehicle] = await sql<{ id: string }[]>`
        insert into vehicles (discovery_url) values (${page.url}) returning id`;
      await sql`
        insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width,
          height, position)
        values (${
        vehicle?.id ?? ""
      }, ${hash}, 'https://i.example/1', ${path}, 'image/jpeg', 3, 9, 9, 0)`;
      await database.rpc("forget_vehicle", { p_vehicle_id: vehicle?.id ?? "" });
      assert.equal((await post("prune-snapshots", {})).body.removed, 2);
      assert.equal(await page.exists(), false);
      assert.notEqual((await images.download(path)).error, null);
    });

    await t.step("three calls remove the files of a batch", async () => {
      await sql`truncate page_snapshots, private.unneeded_snapshot_objects, private.removed_objects`;
      await Promise.all(
        Array.from({ length: 40 }, (_, n) => forgotten(world, database, `batch ${n}`)),
      );
      assert.equal((await post("prune-snapshots", { dry_run: true })).body.would_remove.length, 40);
      assert.equal((await post("prune-snapshots", {})).body.removed, 40);
      assert.equal((await post("prune-snapshots", {})).body.removed, 0);
    });
  } finally {
    await world.close();
  }
});
