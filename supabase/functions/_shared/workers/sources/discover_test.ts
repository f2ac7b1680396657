import assert from "node:assert/strict";
import type { DatabaseClient } from "../../database/client.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { discoverSources } from "./discover.ts";

const never = (what: string) =>
  new Proxy({}, {
    get: () => {
      throw new Error(`${what} was asked`);
    },
  });

Deno.test("a dry run, no room and no time ask nothing", async () => {
  const database = never("the database") as DatabaseClient;
  const fetcher = never("a site") as Fetcher;
  const request = { cycleId: null, limit: 5, deadline: Date.now() + 60_000, dryRun: false };
  for (const one of [{ dryRun: true }, { limit: 0 }, { deadline: Date.now() - 1 }]) {
    assert.deepEqual(await discoverSources(database, fetcher, { ...request, ...one }), {
      candidates: [],
    });
  }
});
