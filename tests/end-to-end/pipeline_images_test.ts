import assert from "node:assert/strict";
import type { Fault } from "../../demo/site/faults.ts";
import { startWorld, type World } from "../support/world.ts";

const HOST = "bringatrailer.com";

interface Picture {
  url: string;
  status: string;
  outcome: string | null;
  last_error: string | null;
}

/** Listings whose galleries show no photograph twice: numbers are plain then. */
function listings({ site }: World, count: number) {
  return [...site.catalogue.all()].filter((it) =>
    it.auction?.end !== "live" && new Set(it.images.map((one) => one.picture)).size === 7 &&
    it.images.length === 7
  ).slice(0, count);
}

const pictures = (sql: World["sql"], id: string) =>
  sql<Picture[]>`
    select url, status, outcome, last_error from image_downloads where vehicle_id = ${id} order by position`;

/** What `origin_metadata` knows, and what is stored: rows, different contents, files. */
async function held({ sql }: World, id: string) {
  const [row] = await sql<
    { urls: string[]; count: number; images: number; contents: number; files: number }[]
  >`
    select
      array(select jsonb_array_elements_text(v.origin_metadata -> 'image_urls')) as urls,
      (v.origin_metadata ->> 'image_count')::int as count,
      (select count(*)::int from vehicle_images i where i.vehicle_id = v.id) as images,
      (select count(distinct i.content_hash)::int from vehicle_images i where i.vehicle_id = v.id) as contents,
      (select count(distinct i.storage_path)::int from vehicle_images i where i.vehicle_id = v.id) as files
    from vehicles v where v.id = ${id}`;
  assert.ok(row, "no such vehicle");
  return row;
}

/** As if hours had gone by: a vehicle's images that wait are due. */
async function letTimePass({ sql }: World, id: string): Promise<void> {
  await sql`
    update image_downloads set next_attempt_at = now() where status = 'pending' and vehicle_id = ${id}`;
}

async function drainImages({ post }: World): Promise<void> {
  for (;;) {
    const { status, body } = await post("backfill-images", { batch_size: 200 });
    assert.equal(status, 200, JSON.stringify(body));
    if (body.claimed === 0) return;
  }
}

/** How listings become vehicles: asked for one by one, or found and queued. */
const WAYS: Readonly<Record<string, (world: World, urls: string[]) => Promise<void>>> = {
  async "import-bat-listing"({ post }, urls) {
    for (const url of urls) {
      const { status, body } = await post("import-bat-listing", { url });
      assert.equal(status, 200, JSON.stringify(body));
      // What images do is no reason to call the import failed.
      assert.equal(body.success, true, JSON.stringify(body));
      assert.ok(body.vehicle_id);
    }
  },
  async "process-import-queue"({ sql, post }, urls) {
    await sql`select enqueue_listings(${sql.json(urls.map((url) => ({ url })))})`;
    const { body } = await post("process-import-queue", { batch_size: 20 });
    assert.equal(body.imported, urls.length, JSON.stringify(body));
  },
};

/** What is wrong with every third image, and whether it comes by itself later: what came whole and is no image does not. */
const FAULTS: readonly { name: string; fault: Fault; why: RegExp; status: string }[] = [
  {
    name: "that fails every third image",
    fault: { kind: "server_error", status: 503 },
    why: /503/,
    status: "pending",
  },
  {
    name: "that answers HTML as image/jpeg at every third",
    fault: { kind: "html_as_image" },
    why: /HTML|web page|no image/i,
    status: "failed",
  },
];

for (const [way, bring] of Object.entries(WAYS)) {
  Deno.test(`images of a bad site, by ${way}`, async (t) => {
    const world = await startWorld({ site: { counts: { [HOST]: 30 }, images: [7, 7] } });
    const { site, sql, post } = world;
    try {
      const all = listings(world, 4);
      assert.equal(all.length, 4);
      for (const [i, { name, fault, why, status }] of FAULTS.entries()) {
        const some = all.slice(2 * i, 2 * i + 2);
        const ids: string[] = [];
        const good = (listing: typeof all[number]) =>
          listing.images.filter((it) => it.picture % 3 !== 0).map((it) => it.url);

        await t.step(`a site ${name}: all good ones are stored, each once`, async () => {
          site.setImageFault(HOST, fault, 3);
          await bring(world, some.map((it) => it.url));
          await drainImages(world);
          for (const listing of some) {
            const [row] = await sql<{ id: string }[]>`
              select id from vehicles where discovery_url = ${listing.url}`;
            ids.push(row?.id ?? "");
            const { images, contents, files } = await held(world, row?.id ?? "");
            assert.deepEqual({ images, contents, files }, { images: 5, contents: 5, files: 5 });
            const stored = (await pictures(sql, row?.id ?? "")).filter((it) =>
              it.status === "stored"
            );
            assert.deepEqual(stored.map((it) => it.url), good(listing));
          }
        });

        await t.step(`a site ${name}: the rest is visible with why, no URL is lost`, async () => {
          for (const [at, listing] of some.entries()) {
            const id = ids[at] ?? "";
            const bad = (await pictures(sql, id)).filter((it) => it.status !== "stored");
            assert.equal(bad.length, 2);
            for (const it of bad) {
              assert.match(it.last_error ?? "", why);
              assert.equal(it.status, status);
            }
            const [seen] = await sql`select * from image_download_status where vehicle_id = ${id}`;
            assert.equal(Number(seen?.urls), 7);
            assert.equal(Number(seen?.stored), 5);
            assert.equal(Number(seen?.waiting) + Number(seen?.failed), 2);
            assert.match(seen?.why, why);
            const { urls, count } = await held(world, id);
            assert.deepEqual(urls, listing.images.map((it) => it.url));
            assert.equal(count, 7);
          }
        });

        await t.step(`a site ${name}: healed when it recovers, no page is read again`, async () => {
          site.setImageFault(HOST, null);
          site.clearLog();
          const [first = "", second = ""] = ids;
          const asked = status === "failed" ? ids : [second];
          if (status === "pending") {
            await letTimePass(world, first);
            await drainImages(world);
          }
          const body = (await post("retry-image-backfill", {
            vehicle_ids: asked,
            only_missing: false,
          })).body;
          assert.deepEqual([body.errors, body.redriven], [[], 2 * asked.length]);
          for (const id of ids) {
            const { images, contents, urls, count } = await held(world, id);
            assert.deepEqual([images, contents, urls.length, count], [7, 7, 7, 7]);
            const left = (await pictures(sql, id)).filter((it) => it.status !== "stored");
            assert.deepEqual(left, []);
          }
          for (const { url, images } of some) {
            assert.equal(site.count(url), 0, "the page was read again");
            for (const image of images) {
              const again = image.picture % 3 === 0 ? 1 : 0;
              assert.equal(site.count(image.url), again, `${image.url}: only what was missing`);
            }
          }
        });
      }
    } finally {
      await world.close();
    }
  });
}
