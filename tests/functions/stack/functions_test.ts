import assert from "node:assert/strict";
import { invoke, sharedStack, type Stack } from "../../support/stack.ts";
import { functionsDir } from "./schema.ts";
import { until } from "../../support/until.ts";

const supabaseDir = functionsDir({
  echo: `
    let served = 0;
    Deno.serve(async (request) => {
      const { pathname, search } = new URL(request.url);
      const env = Deno.env.toObject();
      return Response.json({ served: ++served, pathname, search, method: request.method, body: await request.text(), env },
        { status: 201, headers: { "x-answer": "yes" } });
    });`,
  crash: `
    Deno.serve(async (request) => {
      const { how } = await request.json();
      if (how === "rejection") Promise.reject(new Error("nobody catches this"));
      if (how === "throw") throw new Error("in the handler");
      if (how === "spin") {
        console.log("spinning");
        while (true);
      }
      return new Response("fine");
    });`,
  broken: `throw new Error("does not even start");`,
  later: `
    Deno.serve(() => {
      EdgeRuntime.waitUntil(new Promise((done) => setTimeout(done, 50)).then(() => console.log("done later")));
      return new Response("now");
    });`,
});

const shared = sharedStack({ migrations: false, cron: false, supabaseDir });

function test(name: string, run: (stack: Stack) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => await run((await shared()).stack),
  });
}

function logged(stack: Stack, text: string): boolean {
  return Deno.readTextFileSync(stack.functionsLog).includes(text);
}

interface Echo {
  served: number;
  pathname: string;
  search: string;
  method: string;
  body: string;
  env: Record<string, string>;
}

test("a function sees its own name as the path, the query, the method and the body", async (stack) => {
  const answer = await fetch(`${stack.url}/functions/v1/echo/a/b?c=d`, {
    method: "PUT",
    body: "hé",
  });
  assert.equal(answer.status, 201);
  assert.equal(answer.headers.get("x-answer"), "yes");
  const { pathname, search, method, body }: Echo = await answer.json();
  assert.deepEqual([pathname, search, method, body], ["/echo/a/b", "?c=d", "PUT", "hé"]);
});

test("a function has the environment of a hosted one and nothing of ours", async (stack) => {
  Deno.env.set("SECRET_OF_THE_DEVELOPER", "x");
  const { env } = (await invoke(stack, "echo")).body as Echo;
  assert.equal(env.SUPABASE_URL, stack.url);
  assert.equal(env.SUPABASE_SERVICE_ROLE_KEY, stack.keys.serviceRole);
  assert.deepEqual(JSON.parse(env.SUPABASE_SECRET_KEYS ?? ""), { default: stack.keys.secret });
  assert.deepEqual(JSON.parse(env.SUPABASE_PUBLISHABLE_KEYS ?? ""), {
    default: stack.keys.publishable,
  });
  assert.equal(env.SUPABASE_DB_URL, stack.dbUrl);
  assert.equal(env.SECRET_OF_THE_DEVELOPER, undefined);
});

test("a variable set later is seen by the next request", async (stack) => {
  await stack.setFunctionEnv({ COLOUR: "red" });
  assert.equal(((await invoke(stack, "echo")).body as Echo).env.COLOUR, "red");
  await stack.setFunctionEnv({ OTHER: "1" });
  assert.equal(((await invoke(stack, "echo")).body as Echo).env.COLOUR, "red");
});

test("an unknown function answers 404 as JSON", async (stack) => {
  const { status, body } = await invoke(stack, "nothing-here");
  assert.equal(status, 404);
  assert.equal((body as { code: string }).code, "NOT_FOUND");
});

test("a function that does not start answers 503, each time", async (stack) => {
  for (let i = 0; i < 2; i++) assert.equal((await invoke(stack, "broken")).status, 503);
});

test("a handler that throws answers 500 and the worker lives on", async (stack) => {
  assert.equal((await invoke(stack, "crash", { how: "throw" })).status, 500);
  assert.equal((await invoke(stack, "crash", { how: "not at all" })).body, "fine");
});

test("an unhandled rejection ends one function, which starts anew; others notice nothing", async (stack) => {
  const before = ((await invoke(stack, "echo")).body as Echo).served;
  await invoke(stack, "crash", { how: "rejection" });
  // Deno prints the error before the host hears of it: what counts is the host's own word.
  await until("it has ended", () => logged(stack, "[crash] stopped by an uncaught error"));
  assert.equal((await invoke(stack, "crash", { how: "not at all" })).body, "fine");
  assert.equal(((await invoke(stack, "echo")).body as Echo).served, before + 1);
});

test("a function that burns its CPU holds up no other", async (stack) => {
  const spinning = new AbortController();
  const lost = fetch(`${stack.url}/functions/v1/crash`, {
    method: "POST",
    body: JSON.stringify({ how: "spin" }),
    signal: spinning.signal,
  }).catch(() => null);
  await until("it spins", () => logged(stack, "[crash] spinning"));
  assert.equal((await invoke(stack, "echo")).status, 201);
  spinning.abort();
  await lost;
  // Starts the host anew, so that the machine is not kept busy.
  await stack.setFunctionEnv({});
});

test("work after the answer goes on, and what a function prints bears its name", async (stack) => {
  assert.equal((await invoke(stack, "later")).body, "now");
  await until("it is done", () => logged(stack, "[later] done later"));
});
