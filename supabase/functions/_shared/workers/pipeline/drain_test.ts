import assert from "node:assert/strict";
import { type Called, drain, planWorkers } from "./drain.ts";

const work = (queue: string, due: number, outside = 0) => ({
  queue,
  function: `work-${queue}`,
  due,
  outside,
});
const workers = (...dues: number[]) =>
  planWorkers(dues.map((due, index) => work(`q${index}`, due))).map((one) => one.workers);

Deno.test("a queue gets a worker for each batch that is due, and four at most", () => {
  assert.deepEqual(workers(0), [0]);
  assert.deepEqual(workers(1), [1]);
  assert.deepEqual(workers(20), [1]);
  assert.deepEqual(workers(21), [2]);
  assert.deepEqual(workers(1_000_000), [4]);
});

Deno.test("a place outside the edge runtime counts as a worker of its queue", () => {
  const plan = planWorkers([work("a", 1000, 3), work("b", 1000, 80), work("c", 1, 0)]);
  assert.deepEqual(plan.map(({ workers }) => workers), [1, 0, 1]);
});

Deno.test("one worker takes 200 images", () => {
  const [plan] = planWorkers([work("image_downloads", 201)]);
  assert.equal(plan?.workers, 2);
});

Deno.test("twelve workers in all, and none is the second of its queue before each has one", () => {
  assert.deepEqual(workers(1000, 1000, 1000, 1000, 1000), [3, 3, 2, 2, 2]);
  assert.deepEqual(workers(1000, 1, 1000, 1, 1000), [4, 1, 3, 1, 3]);
  assert.deepEqual(workers(...Array(13).fill(1)), [...Array(12).fill(1), 0]);
});

Deno.test("every worker is asked to work in the background, in parallel", async () => {
  const calls: [string, unknown][] = [];
  let open = 0;
  let most = 0;
  const all = Promise.withResolvers<void>();
  const outcome = await drain([work("a", 45), work("b", 1), work("c", 0)], async (name, body) => {
    calls.push([name, body]);
    most = Math.max(most, ++open);
    if (open === 4) all.resolve();
    await all.promise;
    open -= 1;
    return { status: 202, message: null };
  });
  assert.deepEqual(calls.map(([name]) => name), ["work-a", "work-a", "work-a", "work-b"]);
  for (const [, body] of calls) assert.deepEqual(body, { background: true });
  assert.equal(most, 4);
  assert.equal(outcome.did.started, 4);
  assert.equal(outcome.problem, undefined);
  assert.equal(outcome.said, "4 workers started for 2 queues with due work");
});

Deno.test("a worker that does not start is a problem with its status; the others are started", async () => {
  const answers: Record<string, Called> = {
    "work-a": { status: 404, message: "Requested function was not found" },
    "work-b": { status: 503, message: "does not start" },
    "work-c": { status: null, message: "timed out" },
    "work-d": { status: 202, message: null },
  };
  const outcome = await drain(
    ["a", "b", "c", "d"].map((queue) => work(queue, 1)),
    (name) => Promise.resolve(answers[name] ?? { status: 500, message: null }),
  );
  assert.equal(outcome.did.started, 1);
  assert.match(outcome.problem?.error ?? "", /work-a is not deployed \(404\)/);
  assert.match(outcome.problem?.error ?? "", /work-b answered 503: does not start/);
  assert.match(outcome.problem?.error ?? "", /work-c did not answer: timed out/);
  assert.match(outcome.problem?.hint ?? "", /^supabase functions deploy work-a;/);
});
