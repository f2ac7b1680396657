import assert from "node:assert/strict";
import { mostIn } from "../../../demo/fill/verify/pace.ts";
import { html } from "../../support/site.ts";
import { knownHost, world } from "./support.ts";

const it = world();
const INTERVAL_MS = 250;
const SECONDS = 26;

const pathOf = (url: URL) => decodeURIComponent(url.pathname);

Deno.test("eight processes keep one host's limit in any ten seconds, and slow down together when it is in trouble", async () => {
  await knownHost(it.sql, "cars.example", INTERVAL_MS);
  await it.sql`update source_hosts set refusal_threshold = 1000000`;
  const began = performance.now();
  // In trouble from the tenth to the fifteenth second, as one that serves too many.
  const inTrouble = () => {
    const seconds = (performance.now() - began) / 1000;
    return seconds > 10 && seconds < 15;
  };
  it.site.answer = () =>
    inTrouble()
      ? new Response("later", { status: 503, headers: { "retry-after": "1" } })
      : html("x");

  const script = pathOf(new URL("./pace_worker.ts", import.meta.url));
  const config = pathOf(new URL("../../../deno.json", import.meta.url));
  const workers = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--quiet",
          "-A",
          "--no-check",
          `--config=${config}`,
          script,
          it.stack.url,
          it.stack.keys.secret,
          it.site.mirrorUrl,
          `${n}`,
          `${SECONDS}`,
        ],
        stdout: "inherit",
        stderr: "inherit",
      }).output()),
  );
  assert.ok(workers.every(({ success }) => success));

  const times = it.site.requests.map(({ at }) => at).sort((a, b) => a - b);
  const limit = 10_000 / INTERVAL_MS;
  // Requests come a little after their slots on a machine that is busy, so the window is two slots shorter.
  const most = mostIn(times, 10_000 - 2 * INTERVAL_MS);
  assert.ok(most <= limit, `${most} requests within ten seconds, and ${limit} is the limit`);
  assert.ok(times.length > 30, `only ${times.length} requests were made`);

  const [host] = await it.sql`
    select slowed_interval_ms, paced_because from source_hosts where host = 'cars.example'`;
  assert.ok(host?.slowed_interval_ms >= 2 * INTERVAL_MS, "it was slowed down");
  assert.equal(host?.paced_because, "it answered 429 or 503");
  // A process takes a while to begin, and ends so much later.
  const after = times.filter((at) => at > began + 16_000);
  const perSecond = (after.length - 1) / (((after.at(-1) ?? 0) - (after[0] ?? 0)) / 1000);
  // Half of what it was, and a little: on a busy machine some come late, and together.
  assert.ok(perSecond <= 1000 / INTERVAL_MS - 0.5, `${perSecond} a second after the trouble`);
});
