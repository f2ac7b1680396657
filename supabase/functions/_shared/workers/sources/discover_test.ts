import assert from "node:assert/strict";
import type { DatabaseClient } from "../../database/client.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { discoverSources } from "./discover.ts";

function never<T extends object>(what: string): T {
  return new Proxy({} as T, {
    get: () => {
      throw new Error(`${what} was asked`);
    },
  });
}

Deno.test("no room and no time ask nothing, a dry run no site", async () => {
  const fetcher = never<Fetcher>("a site");
  const request = {
    gather: true,
    cycleId: null,
    limit: 5,
    deadline: Date.now() + 60_000,
    dryRun: false,
  };
  const nothing = { candidates: [], probes: [], more: false };
  for (const one of [{ limit: 0 }, { deadline: Date.now() - 1 }]) {
    const database = never<DatabaseClient>("the database");
    assert.deepEqual(await discoverSources(database, fetcher, { ...request, ...one }), nothing);
  }
  const asked: string[] = [];
  const database = {
    rpc(name: string) {
      asked.push(name);
      return Promise.resolve({ data: ["cars.test"], error: null, status: 200 });
    },
  } as unknown as DatabaseClient;
  const dry = await discoverSources(database, fetcher, { ...request, dryRun: true });
  assert.deepEqual(asked, ["preview_source_probes"]);
  assert.deepEqual(dry.probes, [{
    host: "cars.test",
    lifecycle: null,
    reason: "it would be probed",
  }]);
});
