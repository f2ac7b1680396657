import assert from "node:assert/strict";
import fc from "fast-check";
import { nextStep, type ProbeStep } from "./plan.ts";
import { MOST_REQUESTS, type ProbeRequest } from "./request.ts";

type Answer = Pick<ProbeRequest, "outcome" | "result">;
type Site = (step: Extract<ProbeStep, { kind: "ask" }>, n: number) => Answer;

const HOST = "cars.example";
const CARS = Array.from({ length: 8 }, (_, n) => `https://${HOST}/cars/${1990 + n}-bmw-m3-${n}`);
const whole = (n: number) => ({
  reading: "listing",
  year: 1990 + n,
  make: "BMW",
  model: "M3",
  price: 1_000 + n,
  mileage: 10 * n,
});
const ok = (result: ProbeRequest["result"]): Answer => ({ outcome: "ok", result });

/** A dealer who lists his cars in a sitemap. */
const dealer: Site = ({ role, url, pattern }) => {
  if (role === "home") return ok({ lists: [`https://${HOST}/cars`], sitemaps: [] });
  if (role === "sitemap") return ok({ kind: "urls", links: [...CARS, `https://${HOST}/about`] });
  if (role === "list") return ok({ links: CARS });
  return ok({ pattern, ...whole(CARS.indexOf(url)) });
};

/** Asks a site until the probe is decided. */
function probe(site: Site, startUrl: string | null = null) {
  const requests: ProbeRequest[] = [];
  while (true) {
    const step = nextStep({ host: HOST, startUrl, requests });
    if (step.kind !== "ask") return { step, requests };
    requests.push({
      role: step.role,
      url: step.url,
      times_asked: 1,
      ...site(step, requests.length),
    });
    assert.ok(requests.length < MOST_REQUESTS, "with its robots.txt that is more than ten");
  }
}

/** How a probe of a site fails, and why. */
function failure(site: Site): [string, string] {
  const { step } = probe(site);
  return step.kind === "failed" ? [step.failure, step.reason] : [step.kind, ""];
}

Deno.test("five whole vehicles of one kind of address pass", () => {
  const { step, requests } = probe(dealer);
  assert.equal(step.kind, "passed");
  assert.equal(step.kind === "passed" && step.pattern.pattern, "/cars/{coded}");
  assert.deepEqual(requests.map(({ role }) => role), [
    "home",
    "sitemap",
    "list",
    ...Array<string>(5).fill("detail"),
  ]);
});

Deno.test("four of five are enough, three are not; a price or a VIN is needed", () => {
  const bad = (...which: number[]): Site => (step, n) =>
    step.role === "detail" && which.includes(n - 3)
      ? ok({ pattern: step.pattern, reading: "listing", year: 1990, make: "BMW", model: "M3" })
      : dealer(step, n);
  assert.equal(probe(bad(2)).step.kind, "passed");
  assert.equal(failure(bad(1, 3))[0], "unreadable");
});

Deno.test("a site that forbids, refuses or does not answer is asked once", () => {
  for (
    const [outcome, expected] of [
      ["robots_disallowed", "forbidden"],
      ["blocked", "wall"],
      ["timeout", "unreachable"],
      ["server_error", "unreachable"],
    ] as const
  ) {
    const { step, requests } = probe(() => ({ outcome, result: { reason: "so it is" } }));
    assert.equal(step.kind === "failed" && step.failure, expected);
    assert.equal(requests.length, 1);
  }
});

Deno.test("a wall in front of the details is a wall", () => {
  assert.equal(
    failure((step, n) =>
      step.role === "detail" ? { outcome: "blocked", result: {} } : dealer(step, n)
    )[0],
    "wall",
  );
});

Deno.test("one car on two pages, and years that addresses contradict, are another car's data", () => {
  const [same, why] = failure((step, n) =>
    step.role === "detail"
      ? ok({ pattern: step.pattern, ...whole(1), vin: "WBSBL92061JR10001" })
      : dealer(step, n)
  );
  assert.deepEqual([same, /^the VIN WBSBL92061JR10001 stands on two pages/.test(why)], [
    "another_car",
    true,
  ]);
  const shifted: Site = (step, n) =>
    step.role === "detail"
      ? ok({ pattern: step.pattern, ...whole(CARS.indexOf(step.url)), year: 2015, vin: undefined })
      : dealer(step, n);
  assert.equal(failure(shifted)[0], "another_car");
});

Deno.test("a list that is read as one car is not told from a listing", () => {
  assert.equal(
    failure((step, n) =>
      step.role === "list" ? ok({ links: CARS, is_listing: true }) : dealer(step, n)
    )[0],
    "unreadable",
  );
});

Deno.test("a site without an address that looks like a car's has no listings", () => {
  const [none, why] = failure(({ role }) =>
    role === "home" ? ok({ links: [`https://${HOST}/about`] }) : { outcome: "gone", result: {} }
  );
  assert.equal(none, "no_listings");
  assert.match(why, /no address/);
});

Deno.test("a feed is read where neither page nor sitemap shows the cars", () => {
  const { step, requests } = probe(({ role, url, pattern }) => {
    if (role === "home") return ok({ feeds: [`https://${HOST}/cars.rss`] });
    if (role === "sitemap") return { outcome: "gone", result: {} };
    if (role === "feed") return ok({ links: CARS });
    return ok({ pattern, ...whole(CARS.indexOf(url)) });
  });
  assert.equal(step.kind, "passed");
  assert.ok(requests.some(({ role }) => role === "feed"));
});

Deno.test("a start that is gone leads to the home page, another host to nowhere", () => {
  const start = `https://${HOST}/inventory`;
  const gone = probe(
    (step, n) => n === 0 ? { outcome: "gone", result: {} } : dealer(step, n),
    start,
  );
  assert.equal(gone.step.kind, "passed");
  assert.deepEqual(gone.requests.slice(0, 2).map(({ url }) => url), [start, `https://${HOST}/`]);
  const led = probe(() => ok({ leads_to: "other.example" }));
  assert.equal(led.step.kind === "failed" && led.step.failure, "invalid");
});

Deno.test("whoever takes a probe up after a crash asks the same thing again, but not for ever", () => {
  const { requests } = probe(dealer);
  for (let n = 0; n < requests.length; n++) {
    const died = { ...requests[n] as ProbeRequest, outcome: null };
    const held = [...requests.slice(0, n), died];
    const again = nextStep({ host: HOST, startUrl: null, requests: held });
    assert.deepEqual(again.kind === "ask" && [again.role, again.url], [died.role, died.url]);
    const twice = [...requests.slice(0, n), { ...died, times_asked: 2 }];
    const end = nextStep({ host: HOST, startUrl: null, requests: twice });
    assert.equal(end.kind === "failed" && end.failure, "unreachable");
  }
});

Deno.test("whatever a site answers, a probe ends within ten requests", () => {
  const url = fc.constantFrom(
    ...CARS,
    `https://${HOST}/blog/a-1`,
    `https://${HOST}/p?id=1`,
    `https://${HOST}/p?id=2`,
  );
  const links = fc.array(url, { maxLength: 20 });
  const answer = fc.record({
    outcome: fc.constantFrom("ok", "ok", "ok", "gone", "blocked", "timeout", "unreadable"),
    result: fc.record({
      links,
      sitemaps: fc.array(fc.webUrl(), { maxLength: 3 }),
      feeds: fc.array(fc.webUrl(), { maxLength: 2 }),
      lists: fc.array(url, { maxLength: 3 }),
      kind: fc.constantFrom("urls", "index", "none" as const),
      is_listing: fc.boolean(),
      reading: fc.constantFrom("listing", "not_a_listing", "unreadable"),
      year: fc.integer({ min: 1980, max: 2020 }),
      make: fc.constant("BMW"),
      model: fc.constant("M3"),
      price: fc.integer({ min: 1, max: 1e6 }),
    }),
  });
  fc.assert(fc.property(fc.array(answer, { minLength: 12, maxLength: 12 }), (answers) => {
    probe(({ pattern }, n) => {
      const { outcome, result } = answers[n] as Answer;
      return { outcome, result: { ...result, pattern } };
    });
  }));
});
