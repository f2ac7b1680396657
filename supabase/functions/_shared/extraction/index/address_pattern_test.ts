import assert from "node:assert/strict";
import fc from "fast-check";
import { learnPatterns, patternMatcher } from "./address_pattern.ts";
import { cpuClock } from "../../domain/testing/cpu_clock.ts";

const HOST = "cars.example";
const at = (path: string) => `https://${HOST}${path}`;
const learned = (...paths: string[]) => learnPatterns(paths.map(at)).map(({ pattern }) => pattern);

Deno.test("what varies between addresses is learned, by its kind", () => {
  assert.deepEqual(learned("/listing/17", "/listing/18", "/listing/200"), ["/listing/{number}"]);
  assert.deepEqual(
    learned("/cars/1988-bmw-m5", "/cars/1990-saab-900", "/cars/2001-porsche-911"),
    ["/cars/{coded}"],
  );
  assert.deepEqual(learned("/detail.php?id=1", "/detail.php?id=2", "/detail.php?id=3"), [
    "/detail.php?id={number}",
  ]);
  assert.deepEqual(learned("/a/one.html", "/a/two.html", "/a/three.html"), ["/a/{any}.html"]);
  assert.deepEqual(learned("/a/one.html", "/a/.html", "/a/three.html"), ["/a/{any}"]);
  assert.deepEqual(learned("/.html"), ["/{any}"]);
});

Deno.test("makers and models in a path are what varies, states of a car are folders", () => {
  const cars = ["bmw/m5", "saab/900", "porsche/911", "audi/rs4", "fiat/124", "ford/mustang"];
  assert.deepEqual(learned(...cars.map((one, n) => `/for-sale/${one}/${n + 100}`)), [
    "/for-sale/{any}/{any}/{number}",
  ]);
  assert.deepEqual(
    learned(...["used", "new"].flatMap((state) => cars.map((_, n) => `/${state}/car-${n}`))).sort(),
    ["/new/{coded}", "/used/{coded}"],
  );
});

Deno.test("articles and cars are told apart by their folder", () => {
  const patterns = learned(
    ...[1, 2, 3, 4].map((n) => `/vehicle/${n}-car`),
    ...["spring", "how-to-sell", "opening"].map((name) => `/blog/${name}`),
    "/about",
    "/contact",
  );
  assert.deepEqual(patterns.slice(0, 2), ["/vehicle/{coded}", "/blog/{any}"]);
  assert.ok(!patternMatcher(HOST, ["/vehicle/{coded}"])(at("/blog/1-spring")));
});

Deno.test("a pattern asks for each part, and for the host", () => {
  const matches = patternMatcher(HOST, ["/listing/{number}", "/detail.php?id={number}"]);
  assert.ok(matches(at("/listing/5")) && matches(at("/listing/5/?utm_source=x")));
  assert.ok(matches("https://www.cars.example/detail.php?id=5&lang=en"));
  for (
    const other of [
      at("/listing/"),
      at("/listing/five"),
      at("/listing/5/photos"),
      at("/detail.php"),
      "https://other.example/listing/5",
      "not an address",
    ]
  ) {
    assert.ok(!matches(other), other);
  }
});

const segment = fc.stringMatching(/^[a-z0-9.{}()+$-]{1,12}$/).filter((text) => !/^\.+$/.test(text));
const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) =>
  at(`/${parts.join("/")}`)
);
const paths = fc.array(path, { maxLength: 60 });

Deno.test("every address that was learned from is matched by what was learned", () => {
  fc.assert(fc.property(paths, (urls) => {
    const patterns = learnPatterns(urls);
    const matches = patternMatcher(HOST, patterns.map(({ pattern }) => pattern));
    for (const url of urls) assert.ok(matches(url), url);
    const count = patterns.reduce((sum, one) => sum + one.count, 0);
    assert.equal(count, new Set(urls).size);
  }));
});

Deno.test("the order of addresses and what stands there twice do not matter", () => {
  fc.assert(fc.property(paths, (urls) => {
    assert.deepEqual(learnPatterns([...urls, ...urls].reverse()), learnPatterns(urls));
  }));
});

Deno.test("another car in the same folder is matched, whatever it is called", () => {
  const cars = fc.uniqueArray(fc.integer({ min: 1, max: 1e6 }), { minLength: 3, maxLength: 50 });
  fc.assert(fc.property(cars, fc.integer({ min: 1 }), (numbers, next) => {
    const [first] = learnPatterns(numbers.map((n) => at(`/inventory/lot-${n}`)));
    assert.ok(patternMatcher(HOST, [first?.pattern ?? ""])(at(`/inventory/lot-${next}`)));
    assert.ok(!patternMatcher(HOST, [first?.pattern ?? ""])(at(`/blog/lot-${next}`)));
  }));
});

Deno.test("a hundred thousand hostile addresses are learned from in time", () => {
  const urls = Array.from(
    { length: 100_000 },
    (_, n) => at(`/${n}/${"a".repeat(n % 300)}-{any}-${n}`),
  );
  const cpuMs = cpuClock();
  const patterns = learnPatterns(urls);
  assert.ok(patterns.length <= 50 && patterns.every(({ examples }) => examples.length <= 20));
  const matches = patternMatcher(HOST, patterns.map(({ pattern }) => pattern));
  matches(at(`/${"1".repeat(100_000)}`));
  assert.ok(cpuMs() < 2_000);
});
