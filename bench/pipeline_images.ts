/** Images of the listings that went through trouble: stored, each once. */
import { z } from "zod";
import type { Pipeline } from "./pipeline_drain.ts";
import type { Planned } from "./pipeline_plan.ts";
import type { Kill } from "./pipeline_workers.ts";

const MOST = 400;
const answer = z.object({ claimed: z.int() });

/**
 * Downloads the galleries of vehicles whose listing met a fault or lost its worker, at most 400.
 * Gives how many images are stored.
 * @throws Error when a vehicle has other images than its page shows, or one twice.
 */
export async function storeImages(
  { sql, stack, site }: Pipeline,
  planned: readonly Planned[],
  kills: readonly Kill[],
): Promise<number> {
  const troubled = planned.filter((it) => it.trouble !== null).map((it) => it.url);
  const vehicles = await sql<{ id: string; url: string }[]>`
    select distinct v.id, v.discovery_url as url
    from import_queue q join vehicles v on v.id = q.vehicle_id
    where q.listing_url = any (${troubled}) or q.id = any (${
    kills.flatMap((it) => it.rows)
  }::uuid[])
    order by v.id limit ${MOST}`;
  // A vehicle that was auctioned twice has the pictures of both: left to the count of URLs.
  const twice = new Set(
    site.catalogue.extras().flatMap((it) => it.relistingOf ? [it.url, it.relistingOf] : []),
  );
  const some = vehicles.filter((it) => !twice.has(it.url));
  const ids = some.map((it) => it.id);
  for (let claimed = ids.length; claimed > 0;) {
    const response = await fetch(`${stack.url}/functions/v1/backfill-images`, {
      method: "POST",
      headers: { apikey: stack.keys.secret, "content-type": "application/json" },
      body: JSON.stringify({ vehicle_ids: ids, max_runtime_ms: 60_000 }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`backfill-images answered ${response.status}: ${text}`);
    claimed = answer.parse(JSON.parse(text)).claimed;
  }
  const held = await sql<{ id: string; images: number; contents: number }[]>`
    select vehicle_id as id, count(*)::int as images, count(distinct content_hash)::int as contents
    from vehicle_images where vehicle_id = any (${ids}::uuid[]) group by 1`;
  const byId = new Map(held.map((it) => [it.id, it]));
  let stored = 0;
  for (const { id, url } of some) {
    const must = site.truth(url)?.images.length ?? 0;
    const { images = 0, contents = 0 } = byId.get(id) ?? {};
    if (images !== must || contents !== must) {
      throw new Error(`${url} has ${images} images (${contents} different), must have ${must}`);
    }
    stored += images;
  }
  return stored;
}
