import assert from "node:assert/strict";
import type { ApplyItem } from "../../database/apply.ts";
import type { DatabaseClient } from "../../database/client.ts";
import { NO_MAPS } from "../../domain/serving_maps.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { FetchResult } from "../../fetching/result.ts";
import { everything } from "./item.ts";
import { scrapeVehicles } from "./vehicles.ts";

/** A database that says yes to everything, and the sizes of the batches that it was given. */
function fakeStore() {
  const batches: number[] = [];
  const rpc = (_name: string, { p_items }: { p_items: ApplyItem[] }) => {
    batches.push(p_items.length);
    const data = p_items.map(({ vehicle_id, outcome }, index) => ({
      index,
      vehicle_id,
      outcome,
      can_heal: false,
    }));
    return Promise.resolve({ data, error: null, status: 200 });
  };
  return { database: { rpc } as unknown as DatabaseClient, batches };
}

function fetcherOf(answer: (url: string) => FetchResult): Fetcher {
  return {
    page: (url) => Promise.resolve(answer(url)),
    bytes: () => Promise.reject(new Error("no image is asked for")),
    expect: () => {},
    flush: () => Promise.resolve(),
    lookup: {
      newest: () => Promise.reject(new Error("no snapshot is asked for")),
      expect: () => {},
      maps: () => Promise.resolve(NO_MAPS),
    },
  };
}

const vehicles = Array.from({ length: 45 }, (_, n) => ({
  id: `v${n}`,
  url: `https://bringatrailer.com/listing/${n}/`,
  host: "bringatrailer.com",
  held: {},
  descriptionSource: null,
}));
const gone: FetchResult = { kind: "failed", code: "gone", status: 404, message: "", retryAt: null };

Deno.test("many vehicles are written 20 in a round trip, and reported in their order", async () => {
  const { database, batches } = fakeStore();
  const reports = await scrapeVehicles(
    database,
    vehicles,
    { fetcher: fetcherOf(() => gone), action: everything, dryRun: false },
  );
  assert.deepEqual(batches, [20, 20, 5]);
  assert.deepEqual(reports.map((one) => one.vehicle_id), vehicles.map((one) => one.id));
  assert.ok(reports.every(({ outcome }) => outcome === "gone"));
});

Deno.test("one whose turn does not come keeps nobody waiting, and is reported in its place", async () => {
  const { database, batches } = fakeStore();
  const late: FetchResult = {
    kind: "not_started",
    reason: "deadline",
    message: "no time",
    retryAt: new Date().toISOString(),
  };
  const fetcher = fetcherOf((url) => url.endsWith("/1/") ? late : gone);
  const begun = Date.now();
  const reports = await scrapeVehicles(database, vehicles.slice(0, 3), {
    fetcher,
    action: everything,
    dryRun: false,
  });
  assert.ok(Date.now() - begun < 1_000, "the batch of the last one goes at once");
  assert.deepEqual(batches, [2]);
  assert.deepEqual(reports.map(({ outcome }) => outcome), ["gone", "not_started", "gone"]);
});

Deno.test("a fetcher that throws ends the call, and leaves no batch waiting for its vehicle", async () => {
  const { database, batches } = fakeStore();
  const fetcher = fetcherOf((url) => {
    if (url.endsWith("/1/")) throw new Error("broken");
    return gone;
  });
  await assert.rejects(
    scrapeVehicles(database, vehicles.slice(0, 2), { fetcher, action: everything, dryRun: false }),
    /broken/,
  );
  assert.deepEqual(batches, [1]);
});
