import assert from "node:assert/strict";
import type { Fault } from "../../demo/site/faults.ts";
import { insertListings, startWorld } from "../support/world.ts";

const HOST = "classics.example";

/** Pages that no listing site should send, and how an attempt on each must end. */
const PAGES: [string, Fault, RegExp, RegExp][] = [
  ["an empty page", { kind: "empty" }, /unreadable/, /empty/],
  [
    "a page of 50 MB",
    { kind: "huge", bytes: 50_000_000 },
    /too_large/,
    /8.*(MB|bytes)|larger|too large/,
  ],
  ["a declared 50 MB", { kind: "huge", bytes: 50_000_000, declared: true }, /too_large/, /./],
  ["a page cut off early", { kind: "truncated", share: 0.05 }, /unreadable|not_a_listing/, /./],
  ["a deeply nested page", { kind: "nested", depth: 100_000 }, /unreadable|not_a_listing/, /./],
  ["a shell", { kind: "shell" }, /unreadable/, /browser|shell|script/i],
  [
    "a redirect to loopback",
    { kind: "redirect", to: "http://127.0.0.1/" },
    /invalid/,
    /127\.0\.0\.1/,
  ],
  [
    "a redirect to metadata",
    { kind: "redirect", to: "http://169.254.169.254/latest/" },
    /invalid/,
    /169\.254/,
  ],
  ["a redirect to a file", { kind: "redirect", to: "file:///etc/passwd" }, /invalid/, /file/],
  ["a redirect loop", { kind: "redirect_loop" }, /invalid|network|server_error/, /redirect/],
  ["a bot wall", { kind: "bot_wall", vendor: "cloudflare" }, /blocked/, /./],
  ["a removed listing", { kind: "gone", status: 410 }, /gone/, /./],
];

/** What can be no address of a page: it makes no vehicle. */
const NO_URLS = ["file:///etc/passwd", "javascript:alert(1)", "not a url"];

const URLS: [string, RegExp][] = [
  ["http://169.254.169.254/latest/meta-data/", /169\.254\.169\.254/],
  ["http://127.0.0.1:54321/rest/v1/", /port 54321/],
  ["http://127.0.0.1/", /127\.0\.0\.1/],
  ["http://[::1]/", /::1/],
  ["http://0x7f000001/", /127\.0\.0\.1|address/],
  ["https://user:secret@classics.example/cars/x", /user|credential|password/i],
];

Deno.test("hostile listings", async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 40 } } });
  const { site, sql, post } = world;
  const url = (index: number) => site.catalogue.at(HOST, index)?.url ?? "";
  // One bad page must not close the host to the next: that is another test's subject.
  await sql`
    insert into source_hosts (host, refusal_threshold, error_threshold) values (${HOST}, 1000, 1000)
    on conflict (host) do update set refusal_threshold = 1000, error_threshold = 1000`;
  const facts = () =>
    sql`select id, year, make, vin, description, field_state from vehicles order by id`;

  try {
    for (const [index, [name, fault, code, word]] of PAGES.entries()) {
      await t.step(`${name} ends as ${code.source}, and nothing is written of it`, async () => {
        const [id] = await insertListings(sql, [url(index)]);
        site.setFault(url(index), fault);
        const before = await facts();
        const answer = await post("micro-scrape-bandaid", { vehicle_ids: [id] });
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        const [problem] = [...answer.body.problems, ...answer.body.not_started];
        assert.match(problem?.code ?? "none", code, JSON.stringify(answer.body));
        assert.match(problem.message, word);
        assert.deepEqual(await facts(), before);
        const [row] = await sql`select * from micro_scrape_state where vehicle_id = ${id ?? ""}`;
        assert.equal(row?.lease_token, null);
        assert.match(row?.last_outcome, code);
        // The host is asked again by the next step.
        await sql`update source_hosts set retry_after = null, next_slot_at = now()`;
      });
    }

    for (const bad of NO_URLS) {
      await t.step(`the URL ${bad} makes no vehicle, and is refused in a clear word`, async () => {
        const before = await facts();
        await assert.rejects(
          insertListings(sql, [bad]),
          /^PostgresError: discovery_url ".*" is no address of a page \(allowed: https:/,
        );
        assert.deepEqual(await facts(), before);
      });
    }

    for (const [bad, word] of URLS) {
      await t.step(`the URL ${bad} is refused in a clear word`, async () => {
        const [id] = await insertListings(sql, [bad]);
        const answer = await post("micro-scrape-bandaid", { vehicle_ids: [id] });
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        assert.equal(answer.body.problems[0]?.code, "invalid", JSON.stringify(answer.body));
        assert.match(answer.body.problems[0].message, word);
        const [row] = await sql`select state from micro_scrape_state where vehicle_id = ${
          id ?? ""
        }`;
        assert.equal(row?.state, "failed");
      });
    }

    await t.step("a wrong charset costs letters at most, never the page", async () => {
      const [id] = await insertListings(sql, [url(30)]);
      site.setFault(url(30), { kind: "wrong_charset" });
      await post("micro-scrape-bandaid", { vehicle_ids: [id] });
      const [row] = await sql`select vin from vehicles where id = ${id ?? ""}`;
      assert.equal(row?.vin, site.truth(url(30))?.facts.vin ?? null);
    });

    await t.step("good listings among bad ones are read as always", async () => {
      const bad = PAGES.map((_, index) => url(index));
      const ids = await insertListings(sql, [url(31), url(32)]);
      await sql`select reopen_micro_scrape(array(select vehicle_id from micro_scrape_state))`;
      for (let run = 0; run < 3; run++) await post("micro-scrape-bandaid", { batch_size: 20 });
      const rows = await sql`select vin, discovery_url from vehicles where id = any (${ids})`;
      for (const row of rows) {
        assert.equal(row.vin, site.truth(row.discovery_url)?.facts.vin ?? null);
      }
      const [none] = await sql`
        select count(*)::int as count from vehicles
        where discovery_url = any (${bad}) and (year is not null or vin is not null)`;
      assert.equal(none?.count, 0);
    });
  } finally {
    await world.close();
  }
});
