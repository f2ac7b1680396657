import assert from "node:assert/strict";
import { dashboardSchema, readPanel } from "./shapes.ts";

const panel = {
  panel: "queues",
  at: null,
  state: "ok",
  says: "2 queues work",
  summary: {},
  rows: [],
  rows_left: 0,
  series: [],
  empty: null,
};

Deno.test("a panel that the database could not make says so, and what to type", () => {
  const error = {
    code: "42703",
    message: "column q.x does not exist",
    says: "It is older.",
    what_to_type: "db push",
  };
  const read = readPanel({ panel: "queues", error });
  assert.ok("error" in read);
  assert.equal(read.error.says, "It is older.");
});

Deno.test("a panel of another shape is an error of this panel, by the place that does not fit", () => {
  const read = readPanel({ ...panel, says: 3 });
  assert.ok("error" in read);
  assert.match(read.error.message, /says/);
});

Deno.test("an answer is whole although one of its panels is not", () => {
  const answer = dashboardSchema.parse({
    now: "2026-11-29T01:00:00Z",
    panels: { queues: panel, hosts: 7 },
  });
  assert.ok(!("error" in readPanel(answer.panels.queues)));
  assert.ok("error" in readPanel(answer.panels.hosts));
  assert.ok("error" in readPanel(answer.panels.never_heard_of));
});

Deno.test("a state that this page does not know is unknown, not an error", () => {
  const read = readPanel({ ...panel, state: "brilliant" });
  assert.equal("error" in read || read.state, "unknown");
});
