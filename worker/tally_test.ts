import assert from "node:assert/strict";
import { lineOf, ratesOf, Tally } from "./tally.ts";

Deno.test("a line says what became of each queue's rows, and how fast", () => {
  const counts = { claimed: 40, done: 36, failed: 3, handed_back: 1 };
  assert.equal(
    lineOf({ import_queue: counts, backfill_queue: { ...counts, done: 0, failed: 0 } }, 60),
    "import_queue: 40 claimed, 36 done, 3 failed, 1 handed back, 0.65 rows/s; " +
      "backfill_queue: 40 claimed, 0 done, 0 failed, 1 handed back, 0 rows/s",
  );
  assert.equal(ratesOf({ import_queue: counts }, 60).import_queue?.rows_per_second, 0.65);
  assert.equal(lineOf({}, 60), "nothing was due");
});

Deno.test("what was taken is not taken again, and all of it is still counted", () => {
  const tally = new Tally(["import_queue", "backfill_queue"]);
  tally.add("import_queue", "claimed", 20);
  tally.add("import_queue", "done");
  assert.deepEqual(tally.take(), {
    import_queue: { claimed: 20, done: 1, failed: 0, handed_back: 0 },
  });
  tally.add("import_queue", "claimed", 0);
  assert.deepEqual(tally.take(), {});
  tally.add("import_queue", "failed");
  assert.deepEqual(tally.take(), {
    import_queue: { claimed: 0, done: 0, failed: 1, handed_back: 0 },
  });
  assert.deepEqual(tally.all, {
    import_queue: { claimed: 20, done: 1, failed: 1, handed_back: 0 },
    backfill_queue: { claimed: 0, done: 0, failed: 0, handed_back: 0 },
  });
});
