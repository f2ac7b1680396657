import assert from "node:assert/strict";
import { type Cost, rowsOf } from "./cost_rows.ts";
import { between, type Used } from "./cost_used.ts";
import { startCountingApi } from "./counting_api.ts";

const used: Used = {
  fetchedBytes: 4e6,
  sentBytes: 2e6,
  answeredBytes: 1e6,
  postgresSeconds: 0.5,
  rowsWritten: 300,
  databaseBytes: 8e6,
  storedBytes: 6e6,
};
const cost: Cost = {
  what: "import",
  count: 50,
  invocations: 3,
  calls: new Map([["POST rpc/claim_queue", 3], ["POST object/pages", 50], ["GET vehicles", 2]]),
  used,
  functionSeconds: 0.25,
};
const valueOf = (rows: ReturnType<typeof rowsOf>, what: string) =>
  rows.find((row) => row.what === what)?.value;

Deno.test("what some vehicles took is told for a thousand", () => {
  const rows = rowsOf([cost], "noted");
  assert.equal(valueOf(rows, "import: invocations"), 60);
  assert.equal(valueOf(rows, "import: rows written"), 6_000);
  assert.equal(valueOf(rows, "import: fetched from the sites"), 80);
  assert.equal(valueOf(rows, "import: CPU of Postgres"), 10);
  assert.equal(valueOf(rows, "import: CPU of the function"), 5);
});

Deno.test("operations of Storage are no calls of the API", () => {
  const rows = rowsOf([cost], "noted");
  assert.equal(valueOf(rows, "import: calls of the API"), 100);
  assert.equal(valueOf(rows, "import: operations of Storage"), 1_000);
});

Deno.test("work is held against the work that it names, and what that has not against nothing", () => {
  const healing: Cost = {
    ...cost,
    what: "healing",
    against: "import",
    count: 100,
    calls: new Map([["GET object/pages", 100]]),
  };
  const rows = rowsOf([cost, healing], "noted");
  const baseline = (what: string) => rows.find((row) => row.what === what)?.baseline;
  assert.deepEqual(baseline("healing: invocations"), { name: "import", value: 60 });
  assert.equal(baseline("healing:   GET object/pages"), null);
  assert.equal(baseline("import: invocations"), null);
});

Deno.test("where the system does not say what CPU was used, there is no row of it", () => {
  const unknown = { ...used, postgresSeconds: null };
  const rows = rowsOf([{ ...cost, used: unknown }], "noted");
  assert.equal(rows.some(({ what }) => what.includes("CPU of Postgres")), false);
  assert.equal(between(unknown, used).postgresSeconds, null);
});

Deno.test("what was used between two looks is their difference", () => {
  const later = { ...used, sentBytes: 5e6, postgresSeconds: 2, rowsWritten: 301 };
  const since = between(used, later);
  assert.equal(since.sentBytes, 3e6);
  assert.equal(since.postgresSeconds, 1.5);
  assert.equal(since.rowsWritten, 1);
  assert.equal(since.storedBytes, 0);
});

Deno.test("what goes through the counting API is passed on whole, and its bytes are counted", async () => {
  const target = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      if (request.method === "DELETE") return new Response(null, { status: 204 });
      const text = await request.text();
      return new Response(`${new URL(request.url).search} ${text}${text}`, { status: 201 });
    },
  );
  const api = startCountingApi(`http://127.0.0.1:${target.addr.port}`);
  try {
    const post = () =>
      fetch(`${api.url}/rest/v1/rpc/claim?limit=2`, { method: "POST", body: "12345" });
    const answer = await post();
    assert.equal(answer.status, 201);
    assert.equal(await answer.text(), "?limit=2 1234512345");
    assert.deepEqual(api.traffic(), { sent: 5, answered: 19 });
    await (await post()).text();
    const removed = await fetch(`${api.url}/storage/v1/object/pages/a/b.gz`, { method: "DELETE" });
    assert.equal(removed.status, 204);
    assert.deepEqual(api.traffic(), { sent: 10, answered: 38 });
    assert.deepEqual([...api.take()], [["POST rpc/claim", 2], ["DELETE object/pages", 1]]);
    assert.deepEqual([...api.take()], []);
  } finally {
    await api.stop();
    await target.shutdown();
  }
});
