import assert from "node:assert/strict";
import { type RowNote, withRunNotes } from "../domain/run_notes.ts";
import { log, setLogLevel } from "./log.ts";
import { RunLog } from "./run_log.ts";

/** The lines that are printed meanwhile, with the level of the console that they went to. */
function printed(work: () => void): { console: string; line: Record<string, unknown> }[] {
  const lines: { console: string; line: Record<string, unknown> }[] = [];
  const { log, warn, error } = console;
  const note = (console: string) => (text: string) => {
    lines.push({ console, line: JSON.parse(text) });
  };
  Object.assign(console, { log: note("log"), warn: note("warn"), error: note("error") });
  try {
    work();
  } finally {
    Object.assign(console, { log, warn, error });
  }
  return lines;
}

const row = (outcome: string, more: Partial<RowNote> = {}): RowNote => ({
  vehicle_id: "vehicle",
  url: "https://www.cars.example/1",
  outcome,
  error: null,
  state: "complete",
  ...more,
});
const fetched = (host: string, ms: number) => ({
  host,
  url: `https://${host}/1`,
  outcome: "ok",
  status: 200,
  ms,
});

Deno.test("a run is one line, and each failure one, with the vehicle, the host and the outcome", () => {
  const run = new RunLog("scrape-vehicle");
  const lines = printed(() => {
    run.claimed(5);
    run.ended(row("ok"));
    run.ended(row("not_modified"));
    run.ended(row("timeout", { error: "no answer within 10 s", state: "waiting" }));
    run.ended(row("gone", { url: null, state: "ended" }));
    run.released(1);
    run.fetched(fetched("cars.example", 12.4));
    run.fetched(fetched("slow.example", 900.6));
    run.end({ status: 200, runId: "7" });
  });
  assert.deepEqual(lines.map(({ console }) => console), ["warn", "warn", "log"]);
  const [timeout, gone, ran] = lines.map(({ line: { at: _, ms: _m, cpu_ms: _c, ...line } }) =>
    line
  );
  const about = { function: "scrape-vehicle", request_id: run.about.request_id };
  assert.ok(about.request_id);
  assert.deepEqual(timeout, {
    level: "warn",
    message: "timeout at cars.example: no answer within 10 s",
    run_id: "7",
    vehicle_id: "vehicle",
    host: "cars.example",
    url: "https://www.cars.example/1",
    outcome: "timeout",
    state: "waiting",
  });
  assert.equal(gone?.message, "gone at no address");
  assert.deepEqual(ran, {
    level: "info",
    message: "ran: 5 claimed, 1 ok, 1 not_modified, 1 gone, 1 timeout",
    run_id: "7",
    status: 200,
    claimed: 5,
    done: 4,
    released: 1,
    outcomes: { ok: 1, not_modified: 1, timeout: 1, gone: 1 },
    failures: 2,
    retries: 1,
    requests: 2,
    slowest_host: "slow.example",
    slowest_ms: 901,
  });
});

Deno.test("of a thousand failures a hundred are named and all are counted", () => {
  const run = new RunLog("scrape-vehicle");
  const lines = printed(() => {
    for (let n = 0; n < 1_000; n++) run.ended(row("timeout", { error: "x".repeat(9_000) }));
    run.end({ status: 200 });
  });
  assert.equal(lines.length, 101);
  assert.equal(lines.at(-1)?.line.failures, 1_000);
  assert.ok(lines.every(({ line }) => String(line.message).length < 600));
});

Deno.test("what was refused warns, what broke is an error with its id", () => {
  const ended = (end: Parameters<RunLog["end"]>[0]) =>
    printed(() => new RunLog("scrape-vehicle").end(end))[0];
  const refused = ended({ status: 400, error: "the body is not JSON" })?.line;
  assert.equal(refused?.level, "warn");
  assert.equal(refused?.message, "refused (400): the body is not JSON");
  const broke = ended({ status: 503, errorId: "11" });
  assert.deepEqual([broke?.console, broke?.line.error_id], ["error", "11"]);
});

Deno.test("every line of a request says whose it is, others say nothing of one", () => {
  const run = new RunLog("scrape-vehicle");
  const [inside, outside] = printed(() => {
    withRunNotes(run, () => log("info", "inside"));
    log("info", "outside");
  });
  assert.equal(inside?.line.request_id, run.about.request_id);
  assert.equal(inside?.line.function, "scrape-vehicle");
  assert.equal(outside?.line.request_id, undefined);
});

Deno.test("what matters less than LOG_LEVEL is not printed; a level that is none is info", () => {
  const levels = (name: string | undefined) => {
    setLogLevel(name);
    const lines = printed(() => {
      for (const level of ["debug", "info", "warn", "error"] as const) log(level, "x");
    });
    setLogLevel(undefined);
    return lines.map(({ line }) => line.level);
  };
  assert.deepEqual(levels(undefined), ["info", "warn", "error"]);
  assert.deepEqual(levels("DEBUG "), ["debug", "info", "warn", "error"]);
  assert.deepEqual(levels("error"), ["error"]);
  assert.deepEqual(levels("loud"), ["info", "warn", "error"]);
});
