import assert from "node:assert/strict";
import { html } from "../../support/site.ts";
import { knownHost, world } from "./support.ts";

const it = world();

const page = () => html("x");
const metrics = async () => {
  const [row] = await it.sql`
    select sum(pages)::int as pages, sum(new_pages)::int as new_pages, sum(covers)::int as covers,
      sum(galleries)::int as galleries
    from private.host_metrics where host = 'cars.example'`;
  return { ...row };
};

Deno.test.beforeEach(async () => {
  await it.sql`truncate private.host_metrics`;
});

Deno.test("galleries of another run get no slot while pages wait, and all that is left when none does", async () => {
  await knownHost(it.sql, "cars.example", 300);
  it.site.answer = page;
  const pages = it.worker();
  const pictures = it.worker();
  const urls = Array.from({ length: 16 }, (_, n) => `https://cars.example/${n}`);
  pages.expect(urls);
  const reading = Promise.all(urls.map((url) => pages.page(url)));
  while (it.site.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));

  const refused = await pictures.bytes("https://cars.example/1.jpg");
  assert.equal(refused.kind, "not_started");
  if (refused.kind !== "not_started") return;
  assert.deepEqual([refused.reason, refused.message], [
    "host_busy",
    "cars.example: pages of this host come first",
  ]);
  assert.ok(refused.retryAt > new Date().toISOString());
  // Told once, a run does not ask again before that.
  const began = performance.now();
  assert.equal((await pictures.bytes("https://cars.example/2.jpg")).kind, "not_started");
  assert.ok(performance.now() - began < 100);

  assert.ok((await reading).every((one) => one.kind === "page"));
  await it.sql`update source_hosts set pages_wait_until = now(), next_slot_at = now()`;
  const later = it.worker();
  const taken = await Promise.all(
    [1, 2, 3].map((n) => later.bytes(`https://cars.example/${n}.jpg`)),
  );
  assert.deepEqual(taken.map((one) => one.kind), ["bytes", "bytes", "bytes"]);
  assert.deepEqual(await metrics(), { pages: 16, new_pages: 0, covers: 0, galleries: 3 });
});

Deno.test("in one run a page takes the slot that was given for a picture, and no picture one for a page", async () => {
  await knownHost(it.sql, "cars.example", 400);
  it.site.answer = page;
  const fetcher = it.worker();
  const order: string[] = [];
  const ask = (what: string, work: Promise<{ kind: string }>) =>
    work.then(({ kind }) => order.push(`${what} ${kind}`));
  await Promise.all([
    ask("gallery", fetcher.bytes("https://cars.example/1.jpg", { kind: "gallery" })),
    ask("cover", fetcher.bytes("https://cars.example/0.jpg", { kind: "cover" })),
    ask("page", fetcher.page("https://cars.example/1")),
    ask("page", fetcher.page("https://cars.example/2")),
  ]);
  assert.deepEqual(order.slice(0, 2), ["page page", "page page"]);
  assert.equal(order.length, 4);
});

Deno.test("pages of new listings keep to the budget of their host, other requests do not", async () => {
  await knownHost(it.sql, "cars.example", 0);
  await it.sql`
    update source_hosts
    set new_pages_budget = 3, budget_until = now() + interval '1 hour' where host = 'cars.example'`;
  it.site.answer = page;
  const imports = it.worker({ pages: "new_page" });
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, n) => imports.page(`https://cars.example/${n}`)),
  );
  assert.equal(results.filter(({ kind }) => kind === "page").length, 3);
  const waiting = results.filter((one) => one.kind === "not_started");
  assert.ok(waiting.every(({ reason }) => reason === "host_busy"));
  const minutes = waiting.map(({ retryAt }) => (Date.parse(retryAt) - Date.now()) / 60_000);
  assert.ok(minutes.every((one) => one > 9 && one <= 10), `${minutes}`);

  const healing = it.worker();
  const healed = await Promise.all(
    Array.from({ length: 5 }, (_, n) => healing.page(`https://cars.example/held/${n}`)),
  );
  assert.ok(healed.every(({ kind }) => kind === "page"));
  assert.equal(it.site.requests.length, 8);
  await it.sql`update source_hosts set new_pages_budget = 4 where host = 'cars.example'`;
  const raised = it.worker({ pages: "new_page" });
  assert.equal((await raised.page("https://cars.example/7")).kind, "page");
  assert.equal((await raised.page("https://cars.example/6")).kind, "not_started");
});
