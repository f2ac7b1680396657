import assert from "node:assert/strict";
import { startWorld, type World } from "../support/world.ts";

const FUNCTIONS = [...Deno.readDirSync(new URL("../../supabase/functions", import.meta.url))]
  .filter((entry) => entry.isDirectory && !entry.name.startsWith("_"))
  .map((entry) => entry.name)
  .sort();

const NO_VEHICLES = [
  "prune-snapshots",
  "learn-extraction-maps",
  "replay-snapshots",
  "database-fill-agent",
  "discover-listings",
  "discover-sources",
  "pipeline-orchestrator",
  "import-bat-listing",
  "process-import-queue",
];

async function request(world: World, name: string, init: RequestInit) {
  const response = await fetch(`${world.stack.url}/functions/v1/${name}`, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

Deno.test("every function", async (t) => {
  const world = await startWorld();
  const { keys } = world.stack;
  try {
    for (const name of FUNCTIONS) {
      await t.step(`${name} answers 401 without a key, and with a wrong one`, async () => {
        const refused: Record<string, string>[] = [
          {},
          { apikey: "wrong" },
          { Authorization: "Bearer wrong" },
          { apikey: keys.publishable },
          { apikey: keys.anon, Authorization: `Bearer ${keys.anon}` },
          { Authorization: keys.serviceRole },
        ];
        for (const headers of refused) {
          const answer = await request(world, name, { method: "POST", headers, body: "{}" });
          assert.equal(answer.status, 401, `${JSON.stringify(headers)}: ${answer.text}`);
        }
      });

      await t.step(`${name} answers 405 to anything but POST and OPTIONS`, async () => {
        for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
          const headers = { apikey: keys.secret };
          const answer = await request(world, name, { method, headers });
          assert.equal(answer.status, 405);
          assert.equal(answer.headers.get("allow"), "POST, OPTIONS");
        }
        assert.equal((await request(world, name, { method: "OPTIONS" })).status, 204);
      });

      await t.step(
        `${name} answers 400 to a body that does not fit, with every mistake`,
        async () => {
          for (const body of ["{", "[]", "7", "null", '"text"', "\u0000", '{"a":']) {
            const answer = await world.post(name, body);
            assert.equal(answer.status, 400, `${body}: ${JSON.stringify(answer.body)}`);
            assert.equal(answer.body.success, false);
          }
          const answer = await world.post(name, { max_runtime_ms: -1, surprise: true });
          assert.equal(answer.status, 400);
          const said = JSON.stringify(answer.body.mistakes);
          assert.match(said, /max_runtime_ms/);
          assert.match(said, /surprise/);
        },
      );

      await t.step(`${name} names a vehicle that does not exist`, async () => {
        // Work on pages, feeds and queues, whatever vehicle they are of.
        if (NO_VEHICLES.includes(name)) return;
        const id = crypto.randomUUID();
        const field = ["extract-vin-from-vehicle"].includes(name)
          ? { vehicle_id: id }
          : { vehicle_ids: [id] };
        const answer = await world.post(name, field);
        if (name === "backfill-images") return; // a worker: an unknown id has no images to download
        assert.equal(answer.status, 400);
        assert.match(JSON.stringify(answer.body.mistakes), new RegExp(`${id}: no such vehicle`));
      });
    }

    await t.step("a secret key is accepted in apikey, and any accepted key as bearer", async () => {
      const accepted: Record<string, string>[] = [
        { apikey: keys.secret },
        { Authorization: `Bearer ${keys.secret}` },
        { authorization: `bearer ${keys.serviceRole}` },
      ];
      for (const headers of accepted) {
        const init = { method: "POST", headers, body: '{"dry_run": true}' };
        const answer = await request(world, "micro-scrape-bandaid", init);
        assert.equal(answer.status, 200, answer.text);
      }
    });

    await t.step("a body of 10 MB is refused", async () => {
      const answer = await world.post("micro-scrape-bandaid", `"${"x".repeat(10_000_000)}"`);
      assert.equal(answer.status, 413);
    });
  } finally {
    await world.close();
  }
});
