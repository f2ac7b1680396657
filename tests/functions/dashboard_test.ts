/** The dashboard's functions over HTTP, as a browser calls them: an operator, an ordinary user, and nobody. */
import assert from "node:assert/strict";
import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import { anonClient, serviceClient, sharedStack, signedIn, type Stack } from "../support/stack.ts";
import type postgres from "postgres";

const shared = sharedStack({ cron: false });
const CAR = "00000000-0000-4000-8000-000000000001";
const HOSTILE = "<img src=x onerror=alert(1)>";

function test(name: string, run: (stack: Stack, sql: postgres.Sql) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const { stack, sql } = await shared();
      await run(stack, sql);
    },
  });
}

const operator = (stack: Stack) => signedIn(stack, { role: "operator" });

const answer = z.object({
  outcome: z.enum(["done", "nothing_to_do", "already_done", "changed", "refused", "failed"]),
  said: z.string().min(1),
  action_id: z.number(),
  by: z.string().nullable(),
});
const panels = z.object({
  now: z.iso.datetime({ offset: true }),
  operator: z.object({ id: z.uuid(), email: z.string() }),
  panels: z.record(
    z.string(),
    z.object({
      state: z.enum(["ok", "warn", "bad", "idle", "unknown"]),
      says: z.string().min(1),
      took_ms: z.number(),
      rows: z.array(z.object({ key: z.string(), title: z.string().nullable(), says: z.string() })),
      series: z.array(z.object({
        x: z.array(z.number()),
        y: z.array(z.object({ subject: z.string(), values: z.array(z.number().nullable()) })),
      })),
    }),
  ),
});
const review = z.object({
  rows: z.array(
    z.object({ id: z.number(), field: z.string(), kind: z.string(), seen: z.string() }),
  ),
});

async function call(client: SupabaseClient, name: string, args: Record<string, unknown> = {}) {
  const { data, error, status } = await client.rpc(name, args);
  return { data: data as unknown, error, status };
}

/** A car that two sites tell differently, with one value that is unsure. */
async function read(sql: postgres.Sql): Promise<void> {
  await sql`delete from vehicles where id = ${CAR}`;
  await sql`insert into vehicles (id, discovery_url, year, make, model) values (${CAR}, 'https://a.example/1', 1990, 'BMW', ${HOSTILE})`;
  for (
    const [host, facts] of [
      ["a.example", {
        mileage: { value: 1000, confidence: 0.9 },
        engine: { value: "S14", confidence: 0.4 },
      }],
      ["b.example", { mileage: { value: 2000, confidence: 0.9 } }],
    ] as const
  ) {
    const item = { vehicle_id: CAR, outcome: "ok", source_url: `https://${host}/1`, facts };
    await sql`select apply_extractions(${
      sql.json([{ ...item, method: "a_scraper", scraper_version: "v1.0.0" }])
    })`;
  }
}

test(
  "an operator gets all panels in one request, with every series at its own steps",
  async (stack, sql) => {
    await sql`select private.sample_dashboard()`;
    for (const range of ["3h", "2d", "7d", "60d", "all"]) {
      const { data, error } = await call(await operator(stack), "dashboard", { p_range: range });
      assert.equal(error, null);
      const told = panels.parse(data);
      assert.deepEqual(Object.keys(told.panels).sort(), [
        "coverage",
        "cycle",
        "hosts",
        "maps",
        "money",
        "queues",
        "running",
        "sources",
        "supply",
        "truth",
      ]);
      for (const panel of Object.values(told.panels)) {
        for (const { x, y } of panel.series) {
          for (const { values } of y) assert.equal(values.length, x.length);
        }
      }
    }
  },
);

test(
  "an ordinary user is refused in words, signed out nobody gets anything, by every function",
  async (stack, sql) => {
    await read(sql);
    const before = await sql`select count(*)::int as n from operator_actions`;
    const calls: [string, Record<string, unknown>][] = [
      ["dashboard", {}],
      ["dashboard_running", {}],
      ["dashboard_vehicle", { p_id: CAR }],
      ["dashboard_find", { p_text: "bmw" }],
      ["dashboard_review", {}],
      ["operator_review", { p_id: 1, p_decision: "accept" }],
      ["operator_redrive", {}],
      ["operator_approve_source", { p_source: "bringatrailer" }],
      ["operator_set_policy", { p_changes: { target: 1 } }],
    ];
    const user = await signedIn(stack, {});
    const pretender = await signedIn(stack, { role: "user" });
    for (const [name, args] of calls) {
      for (const client of [user, pretender]) {
        const { data, error, status } = await call(client, name, args);
        assert.deepEqual([data, status, error?.code], [null, 403, "42501"], name);
        assert.match(error?.message ?? "", /^only operators may/, name);
      }
      const { data, error, status } = await call(anonClient(stack), name, args);
      assert.deepEqual([data, status, error?.code], [null, 401, "42501"], name);
    }
    for (const table of ["dashboard_samples", "dashboard_parts", "operator_actions"]) {
      assert.deepEqual((await user.from(table).select("*")).data, [], table);
      assert.equal((await anonClient(stack).from(table).select("*")).data, null, table);
    }
    const written = await (await operator(stack)).from("operator_actions").insert({ action: "x" });
    assert.notEqual(written.error, null, "nor does an operator write the log by hand");
    assert.deepEqual(await sql`select count(*)::int as n from operator_actions`, before);
  },
);

test(
  "two operators decide on one value at once: one does, the other is told by whom",
  async (stack, sql) => {
    await read(sql);
    const two = await Promise.all([operator(stack), operator(stack)]);
    const [one] = two;
    const rows = review.parse((await call(one, "dashboard_review")).data).rows;
    const conflict = rows.find(({ kind, field }) => kind === "conflict" && field === "mileage");
    assert.ok(conflict);
    const answers = await Promise.all(two.map(async (client, n) =>
      answer.parse(
        (await call(client, "operator_review", {
          p_id: conflict.id,
          p_decision: n === 0 ? "accept" : "reject",
          p_seen: conflict.seen,
        })).data,
      )
    ));
    assert.deepEqual(answers.map(({ outcome }) => outcome).sort(), ["already_done", "done"]);
    const second = answers.find(({ outcome }) => outcome === "already_done");
    assert.match(second?.by ?? "", /@example\.com$/);
    const first = answers.findIndex(({ outcome }) => outcome === "done");
    const [held] = await sql`select mileage from vehicles where id = ${CAR}`;
    assert.equal(held?.mileage, first === 0 ? 2000 : 1000, "nothing is overwritten");
    const [done] = await sql`
    select u.email from operator_actions a join auth.users u on u.id = a.operator_id
    where a.outcome = 'done' and a.subject = ${`vehicle ${CAR} mileage`}`;
    assert.equal(done?.email, second?.by, "the log says who");
  },
);

test(
  "a table that somebody holds locked costs its own panels, and no others",
  async (stack, sql) => {
    const client = await operator(stack);
    await sql.begin(async (migration) => {
      await migration`lock table extraction_maps in access exclusive mode`;
      const { data, error } = await call(client, "dashboard");
      assert.equal(error, null);
      const told = z.object({
        panels: z.record(
          z.string(),
          z.object({ error: z.object({ code: z.string(), says: z.string() }).optional() }),
        ),
      }).parse(data);
      const broken = Object.entries(told.panels).filter(([, panel]) => panel.error !== undefined);
      assert.deepEqual(broken.map(([name, panel]) => [name, panel.error?.code]), [[
        "maps",
        "55P03",
      ]]);
      assert.match(told.panels.maps?.error?.says ?? "", /^Somebody holds a lock/);
    });
  },
);

test("text of a listing comes as it is, as text of JSON", async (stack, sql) => {
  await read(sql);
  const { data } = await call(await operator(stack), "dashboard_vehicle", { p_id: CAR });
  const told = z.object({ vehicle: z.object({ title: z.string() }) }).parse(data);
  assert.equal(told.vehicle.title, `1990 BMW ${HOSTILE}`);
});

test("a dead letter is put back, a source approved, and the log lists both", async (stack, sql) => {
  await sql`
    insert into import_queue (listing_url, status, outcome_code, error_message, attempts, processed_at)
    values ('https://dead.example/1', 'failed', 'timeout', 'no answer', 3, now())`;
  await sql`
    insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version, lifecycle, found_by)
    values ('dead_example', 'Dead', 'dealer', '{dead.example}', 'general', 'v1.0.0', 'rejected', 'known_list')`;
  const client = await operator(stack);
  const redriven = answer.parse(
    (await call(client, "operator_redrive", { p_queue: "import_queue" })).data,
  );
  assert.equal(redriven.outcome, "done");
  const approved = await call(client, "operator_approve_source", { p_source: "dead.example" });
  assert.equal(answer.parse(approved.data).outcome, "done");
  const again = await call(client, "operator_approve_source", { p_source: "nowhere.example" });
  assert.equal(answer.parse(again.data).outcome, "refused");
  const { data } = await client.from("operator_actions").select("action, outcome").order("id");
  assert.deepEqual(data?.slice(-3), [
    { action: "redrive", outcome: "done" },
    { action: "approve_source", outcome: "done" },
    { action: "approve_source", outcome: "refused" },
  ]);
});

test("what an operator does stands also while the sampler is at work", async (stack, sql) => {
  await sql`
    insert into import_queue (listing_url, status, outcome_code, error_message, attempts, processed_at)
    values ('https://dead.example/2', 'failed', 'timeout', 'no answer', 3, now())`;
  const client = await operator(stack);
  await sql.begin(async (sampler) => {
    await sampler`select private.sample_dashboard()`; // it holds its rows until it commits
    const { data } = await call(client, "operator_redrive", { p_queue: "import_queue" });
    assert.equal(answer.parse(data).outcome, "done");
  });
  const [row] = await sql`
    select status from import_queue where listing_url = 'https://dead.example/2'`;
  assert.equal(row?.status, "pending");
});

test("an operator may look at snapshots and pictures, an ordinary user may not", async (stack) => {
  for (const bucket of ["page-snapshots", "vehicle-images"]) {
    const path = `dashboard/${crypto.randomUUID()}`;
    const kept = await serviceClient(stack).storage.from(bucket)
      .upload(path, new Uint8Array([1, 2, 3]), { contentType: "image/png" });
    assert.equal(kept.error, null);
    const seen = async (client: SupabaseClient) =>
      (await client.storage.from(bucket).download(path)).data?.size ?? null;
    assert.equal(await seen(await operator(stack)), 3, bucket);
    assert.equal(await seen(await signedIn(stack, {})), null, bucket);
    assert.equal(await seen(anonClient(stack)), null, bucket);
    const removed = await (await operator(stack)).storage.from(bucket).remove([path]);
    assert.deepEqual(removed.data ?? [], [], "looking is all that an operator may");
  }
});
