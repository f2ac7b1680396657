import assert from "node:assert/strict";
import { describer } from "./describe.ts";

const FACTS = { year: 1988, make: "Porsche", model: "911 Carrera", color: "Guards Red" };
const BY_RULES = "This 1988 Porsche 911 Carrera is finished in Guards Red.";
const KEY = "sk-secret-key";

interface Asked {
  path: string;
  authorization: string | null;
  body: { model: string; messages: { role: string; content: string }[] };
}

type Answer = (request: Request, over: Promise<void>) => Response | Promise<Response>;

/** A model on loopback that gives these answers one after the other, and what it was asked. */
async function withModel(
  answers: Answer[],
  test: (baseUrl: string, asked: Asked[]) => Promise<void>,
) {
  const asked: Asked[] = [];
  const over = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    asked.push({
      path: new URL(request.url).pathname,
      authorization: request.headers.get("authorization"),
      body: await request.clone().json(),
    });
    const answer = answers[asked.length - 1];
    return answer
      ? await answer(request, over.promise)
      : new Response("asked too often", { status: 500 });
  });
  try {
    await test(`http://127.0.0.1:${server.addr.port}/v1/`, asked);
  } finally {
    over.resolve();
    await server.shutdown();
  }
}

const says = (content: unknown) => () => Response.json({ choices: [{ message: { content } }] });
const env = (baseUrl: string) => ({
  get: (name: string) =>
    ({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: baseUrl, OPENAI_MODEL: "small" })[name],
});
/** Has no answer before the test is over. */
const silence = async (_: Request, over: Promise<void>) => {
  await over;
  return new Response("late");
};
const NO_ENV = { get: () => undefined };

Deno.test("without a key the rules describe, and nobody is asked", async () => {
  const describe = describer(NO_ENV, { fetch: () => Promise.reject(new Error("asked")) });
  const described = await describe(FACTS);
  assert.equal(described?.method, "generated_rules");
  assert.equal(described?.text, BY_RULES);
  assert.match(described?.evidence ?? "", /^made of year, make, model, color by rules$/);
  assert.deepEqual(described?.problems, []);
});

Deno.test("with too little known nothing is described, and no model is asked", async () => {
  await withModel([], async (url, asked) => {
    assert.equal(await describer(env(url))({ year: 1988, make: "Porsche" }), null);
    assert.equal(asked.length, 0);
  });
});

Deno.test("a model's text is taken when every word of it comes from the facts", async () => {
  const text = "Finished in Guards Red, this car is a 1988 Porsche 911 Carrera.";
  await withModel([says(`  ${text}\n`)], async (url, asked) => {
    const described = await describer(env(url))({ ...FACTS, seller_name: "Jane Roe" });
    assert.equal(described?.method, "generated_model");
    assert.equal(described?.text, text);
    assert.deepEqual(described?.usedFields, ["year", "make", "model", "color"]);
    assert.equal(asked[0]?.path, "/v1/chat/completions");
    assert.equal(asked[0]?.authorization, `Bearer ${KEY}`);
    assert.equal(asked[0]?.body.model, "small");
    const sent = asked[0]?.body.messages.find((message) => message.role === "user");
    assert.deepEqual(JSON.parse(sent?.content ?? ""), FACTS, "the seller's name is not sent");
  });
});

Deno.test("a model's text that adds to the facts is refused, the rules stand in, and it is recorded", async () => {
  await withModel([says(`${BY_RULES} It is a rare car with 45,000 miles.`)], async (url) => {
    const described = await describer(env(url))(FACTS);
    assert.equal(described?.method, "generated_rules");
    assert.equal(described?.text, BY_RULES);
    assert.match(described?.evidence ?? "", /refused: the word “rare” is not in the facts/);
    assert.match(described?.evidence ?? "", /the number 45000 is not in the facts/);
  });
});

Deno.test("each way a model can fail leaves the rules' text and says why, never the key", async () => {
  const failures: [string, Answer, RegExp][] = [
    ["an error", () => new Response("no such key", { status: 401 }), /answered 401: no such key/],
    ["no JSON", () => new Response("<html>"), /not JSON/],
    ["another shape", () => Response.json({ choices: [] }), /no chat completion/],
    ["no text", says(null), /no chat completion/],
    ["an empty text", says(" "), /0 characters long/],
    ["a huge answer", () => new Response("x".repeat(300 * 1024)), /larger than/],
    ["a redirect", () => Response.redirect("https://example.com/"), /the model failed/],
    ["silence", silence, /timeout|timed out/i],
  ];
  for (const [what, answer, why] of failures) {
    await withModel([answer], async (url) => {
      const described = await describer(env(url), { timeoutMs: 300 })(FACTS);
      assert.equal(described?.method, "generated_rules", what);
      assert.equal(described?.text, BY_RULES, what);
      assert.match(described?.problems.join() ?? "", why, what);
      assert.ok(!JSON.stringify(described).includes(KEY), what);
    });
  }
});

Deno.test("an address that is none, or where nobody listens, is a recorded failure", async () => {
  for (const url of ["not an address", "http://127.0.0.1:9/v1"]) {
    const described = await describer(env(url))(FACTS);
    assert.equal(described?.method, "generated_rules");
    assert.match(described?.problems.join() ?? "", /^the model failed: /);
  }
});

Deno.test("a model that fails twice in a row is not asked again by the same run", async () => {
  const fail = () => new Response("down", { status: 503 });
  await withModel([fail, fail, says(BY_RULES)], async (url, asked) => {
    const describe = describer(env(url));
    for (let i = 0; i < 4; i++) assert.equal((await describe(FACTS))?.method, "generated_rules");
    assert.equal(asked.length, 2);
    assert.match((await describe(FACTS))?.evidence ?? "", /not asked: it failed before/);
  });
});

Deno.test("a model does not keep a run beyond its end, nor is it asked shortly before", async () => {
  await withModel([silence], async (url, asked) => {
    const began = Date.now();
    const described = await describer(env(url), { deadline: began + 800 })(FACTS);
    assert.equal(described?.text, BY_RULES);
    assert.ok(Date.now() - began < 1200, `${Date.now() - began} ms`);
    const late = await describer(env(url), { deadline: Date.now() + 100 })(FACTS);
    assert.equal(late?.text, BY_RULES);
    assert.match(late?.evidence ?? "", /not asked: too little time was left/);
    assert.equal(asked.length, 1);
  });
});
