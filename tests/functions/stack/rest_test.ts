import assert from "node:assert/strict";
import {
  anonClient,
  serviceClient,
  sharedStack,
  signedIn,
  type Stack,
} from "../../support/stack.ts";
import { createSchema } from "./schema.ts";
import { until } from "../../support/until.ts";

const shared = sharedStack({ migrations: false, cron: false });
let made: Promise<void> | null = null;

function test(name: string, run: (stack: Stack) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const { stack } = await shared();
      await (made ??= createSchema(stack));
      await run(stack);
    },
  });
}

test("a row comes back with the types that PostgREST gives it", async (stack) => {
  const row = {
    make: "Porsche",
    price: 1234.5,
    facts: { seats: [1, 2], note: "ok" },
    tags: ["coupe", "red"],
    seen_at: "2026-01-02T03:04:05.5+01:00",
    sold_on: "2026-01-03",
  };
  const { data, error } = await serviceClient(stack).from("cars").insert(row).select().single();
  assert.equal(error, null);
  const { id, ...values } = data;
  assert.equal(typeof id, "number");
  assert.deepEqual(values, { ...row, seen_at: "2026-01-02T02:04:05.5+00:00" });
});

test("any JSON can stand in a json column, a bare text and a list too", async (stack) => {
  const cars = serviceClient(stack).from("cars");
  for (const facts of ["plain", [1, "a"], { b: null }, 7, false, null]) {
    assert.deepEqual((await cars.insert({ facts }).select("facts").single()).data, { facts });
    assert.equal((await cars.update({ facts }).eq("make", "nobody")).error, null);
  }
  const row = { make: String.raw`it's "x"\\`, tags: ["a,b", 'c"d', "{}"] };
  assert.deepEqual((await cars.insert(row).select("make, tags").single()).data, row);
});

test("jsonb arguments of a function arrive as the JSON they are", async (stack) => {
  const client = serviceClient(stack);
  for (const p of [[1, { a: "x" }], { a: [] }, "it's", 7, true, [], "[1]"]) {
    assert.deepEqual((await client.rpc("echo", { p })).data, p);
  }
  assert.equal((await client.rpc("kind_of", { p: "[1]" })).data, "string");
  assert.equal((await client.rpc("kind_of", { p: [1] }).limit(1)).data, "array");
});

test("array arguments and defaults of a function are understood", async (stack) => {
  const client = serviceClient(stack);
  const ids = [crypto.randomUUID(), crypto.randomUUID()];
  assert.equal((await client.rpc("count_all", { ids })).data, 2);
  assert.equal((await client.rpc("count_all", { ids, numbers: [1, 2, 3] })).data, 5);
});

test("a set-returning function gives rows, with numbers and ISO times", async (stack) => {
  const { data } = await serviceClient(stack).rpc("many", { n: 2 });
  assert.deepEqual(data, [
    { i: 1, half: 0.5, at: "2026-01-02T03:04:05.5+00:00" },
    { i: 2, half: 1, at: "2026-01-02T03:04:05.5+00:00" },
  ]);
});

test("a function can be filtered and limited like a table", async (stack) => {
  const { data } = await serviceClient(stack).rpc("many", { n: 9 }).gte("i", 8).order("i", {
    ascending: false,
  });
  assert.deepEqual(data?.map((row: { i: number }) => row.i), [9, 8]);
});

test("no more than 1,000 rows come back", async (stack) => {
  assert.equal((await serviceClient(stack).rpc("many", { n: 1500 })).data?.length, 1000);
});

test("a function that returns nothing answers 204", async (stack) => {
  const { status, data } = await serviceClient(stack).rpc("nothing");
  assert.equal(status, 204);
  assert.equal(data, null);
});

test("raise exception answers 400 with code, message, details and hint", async (stack) => {
  const { status, error } = await serviceClient(stack).rpc("refuse");
  assert.equal(status, 400);
  assert.partialDeepStrictEqual(error, {
    code: "P0001",
    message: "no more cars",
    details: "the lot is full",
    hint: "sell one",
  });
});

test("a violated check answers 400 with its code", async (stack) => {
  const { status, error } = await serviceClient(stack).from("cars").insert({ make: "Trabant" });
  assert.equal(status, 400);
  assert.equal(error?.code, "23514");
});

test("an unknown function answers 404, an unknown table too", async (stack) => {
  const client = serviceClient(stack);
  assert.equal((await client.rpc("no_such_thing", { a: 1 })).status, 404);
  assert.equal((await client.from("no_such_table").select()).status, 404);
});

test("a table made later is served soon, by itself", async (stack) => {
  await (await shared()).sql`create table public.made_later as select 1 as one`;
  const client = serviceClient(stack);
  const served = await until(
    "the table is served",
    async () => (await client.from("made_later").select()).data,
    2,
  );
  assert.deepEqual(served, [{ one: 1 }]);
});

test("a malformed body answers 400", async (stack) => {
  const answer = await fetch(`${stack.url}/rest/v1/rpc/echo`, {
    method: "POST",
    headers: { apikey: stack.keys.secret, "content-type": "application/json" },
    body: '{"p": ',
  });
  assert.equal(answer.status, 400);
  await answer.body?.cancel();
});

test("each key acts as its role, in apikey or in Authorization", async (stack) => {
  const { secret, serviceRole, publishable, anon } = stack.keys;
  const roleOf = async (headers: Record<string, string>) => {
    const answer = await fetch(`${stack.url}/rest/v1/rpc/who`, { method: "POST", headers });
    return (await answer.json()).role;
  };
  for (const key of [secret, serviceRole]) {
    assert.equal(await roleOf({ apikey: key }), "service_role");
    assert.equal(await roleOf({ authorization: `Bearer ${key}` }), "service_role");
    assert.equal(await roleOf({ apikey: key, authorization: `Bearer ${key}` }), "service_role");
  }
  for (const key of [publishable, anon]) {
    assert.equal(await roleOf({ apikey: key, authorization: `Bearer ${key}` }), "anon");
  }
  assert.equal(
    await roleOf({ apikey: anon, authorization: `Bearer ${serviceRole}` }),
    "service_role",
  );
});

test("without a key, or with a wrong one, everything answers 401", async (stack) => {
  const attempts: Record<string, string>[] = [
    {},
    { apikey: "sb_secret_wrong" },
    { authorization: "Bearer wrong" },
  ];
  for (const headers of attempts) {
    for (const path of ["/rest/v1/cars", "/rest/v1/rpc/who", "/auth/v1/user"]) {
      const answer = await fetch(`${stack.url}${path}`, { method: "POST", headers });
      assert.equal(answer.status, 401, path);
      await answer.body?.cancel();
    }
  }
});

test("a token that we did not sign is refused", async (stack) => {
  const forged = stack.keys.serviceRole.slice(0, -3) + "AAA";
  const answer = await fetch(`${stack.url}/rest/v1/rpc/who`, {
    method: "POST",
    headers: { apikey: stack.keys.publishable, authorization: `Bearer ${forged}` },
  });
  assert.equal(answer.status, 401);
  await answer.body?.cancel();
});

test("the publishable key reads no table without a grant and calls no function without one", async (stack) => {
  const client = anonClient(stack);
  assert.equal((await client.from("cars").select()).error?.code, "42501");
  assert.equal((await client.rpc("secret_only")).error?.code, "42501");
  assert.equal((await serviceClient(stack).rpc("secret_only")).data, 1);
});

test("row level security sees app_metadata of the signed-in user", async (stack) => {
  await serviceClient(stack).from("cars").insert({ make: "Lancia" });
  const operator = await signedIn(stack, { role: "operator" });
  const stranger = await signedIn(stack);
  const seen = await operator.from("cars").select("make").eq("make", "Lancia");
  assert.deepEqual(seen.data?.[0], { make: "Lancia" });
  assert.deepEqual((await stranger.from("cars").select()).data, []);
  const refused = await operator.from("cars").insert({ make: "Fiat" });
  assert.equal(refused.error?.code, "42501");
});

test("a user's rpc runs as authenticated, with the hosted statement timeout", async (stack) => {
  const { data } = await (await signedIn(stack)).rpc("who");
  assert.equal(data.role, "authenticated");
  assert.equal(data.timeout, "8s");
  assert.match(data.sub, /^[0-9a-f-]{36}$/);
});
