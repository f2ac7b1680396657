import assert from "node:assert/strict";
import type postgres from "postgres";
import { startWorld, type World } from "./world.ts";

const HOST = "bringatrailer.com";

/** A world of auctions whose pages state a VIN, and what tests of single steps do to it. */
interface RetryWorld extends World {
  host: string;
  /** An auction that was not given before. */
  nextUrl(): string;
  /** Imports a listing; gives its vehicle. */
  imported(url: string, body?: Record<string, unknown>): Promise<string>;
  /** Queues steps of a vehicle as failed. */
  failed(id: string, ...steps: string[]): Promise<unknown>;
  /** The one row of a vehicle's step. */
  rowOf(id: string, step: string): Promise<postgres.Row>;
  /** Makes all rows that wait due now. */
  makeDue(): Promise<unknown>;
  /** Calls retry-failed-steps; gives what it answers. */
  // deno-lint-ignore no-explicit-any -- as `Answer`
  retry(body?: Record<string, unknown>): Promise<any>;
}

export async function startRetryWorld(): Promise<RetryWorld> {
  const world = await startWorld({ site: { counts: { [HOST]: 60 }, images: [3, 3] } });
  const { site, sql, post } = world;
  const urls = Array.from({ length: 60 }, (_, n) => site.catalogue.at(HOST, n)?.url ?? "")
    .filter((url) => site.truth(url)?.facts.vin !== undefined);
  let next = 0;
  return {
    ...world,
    host: HOST,
    nextUrl() {
      const url = urls[next++];
      if (url === undefined) throw new Error("the site has no more auctions with a VIN");
      return url;
    },
    async imported(url, body = {}) {
      const answer = await post("import-bat-listing", { url, ...body });
      assert.equal(answer.body.success, true, JSON.stringify(answer.body));
      return answer.body.vehicle_id;
    },
    failed: async (id, ...steps) =>
      await sql`insert into scrape_retry_queue (vehicle_id, step_name)
        select ${id}, unnest(${steps}::text[])`,
    async rowOf(id, step) {
      const rows = await sql`
        select * from scrape_retry_queue where vehicle_id = ${id} and step_name = ${step}`;
      assert.equal(rows.length, 1, `one row of ${step}`);
      return rows[0] ?? {};
    },
    makeDue: async () =>
      await sql`update scrape_retry_queue set next_retry_at = null where status = 'pending'`,
    async retry(body = {}) {
      const answer = await post("retry-failed-steps", body);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return answer.body;
    },
  };
}
