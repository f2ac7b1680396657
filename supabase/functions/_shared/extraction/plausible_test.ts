import assert from "node:assert/strict";
import fc from "fast-check";
import type { Facts } from "../domain/fact.ts";
import { FactBook } from "./fact_book.ts";
import { plausible } from "./plausible.ts";
import { cpuClock } from "../domain/testing/cpu_clock.ts";

type Stated = Partial<Record<keyof Facts, string | number>>;

/** Facts as markup states them, held against a page with this text. */
function read(stated: Stated, text: string, url = "https://cars.example.com/car/1"): Facts {
  const facts = new FactBook();
  for (const [field, value] of Object.entries(stated)) {
    facts.add(field as "make", value as string, "structured", `linked data "${value}"`);
  }
  const page = { url, status: 200, contentType: "text/html", fetchedAt: "2026-01-01T00:00:00Z" };
  return plausible(facts.all(), { ...page, body: `<body><p>${text}</p></body>` });
}
const shown = (facts: Facts, field: keyof Facts) => [facts[field]?.value, facts[field]?.confidence];

Deno.test("a sum that the page pays by the month is no price", () => {
  for (
    const text of ["$1,489/mo", "1.489 € <b>mtl.</b>", "Mensualité 1 489 €", "1489 zł / mies."]
  ) {
    assert.equal(
      read({ asking_price: 1_489, currency: "USD" }, text).asking_price,
      undefined,
      text,
    );
  }
  const kept = read({ asking_price: 14_890, currency: "USD" }, "$14,890 or $299/mo");
  assert.deepEqual(shown(kept, "asking_price"), [14_890, 0.92]);
});

Deno.test("a list price yields to the one sum called the price; alone it is unsure", () => {
  const beside = read({ asking_price: 41_890 }, "MSRP $41,890 Our price $38,450");
  assert.deepEqual(shown(beside, "asking_price"), [38_450, 0.6]);
  const alone = read({ asking_price: 41_890 }, "MSRP $41,890, call us");
  assert.deepEqual(shown(alone, "asking_price"), [41_890, 0.45]);
  assert.match(alone.asking_price?.evidence ?? "", /linked data.*but the page "MSRP \$41,890/);
});

Deno.test("a price that no vehicle of its age has is unsure, in the money of its country", () => {
  const sure = (asking_price: number, year: number, currency = "USD") =>
    (read({ asking_price, year, currency }, "").asking_price?.confidence ?? 0) > 0.5;
  assert.deepEqual([
    sure(399, 2026),
    sure(399, 1994),
    sure(4_995, 2025, "SEK"),
    sure(19_900, 2025, "SEK"),
  ], [
    false,
    true,
    false,
    true,
  ]);
});

Deno.test("a currency is the one beside the sum on the page, or the country's", () => {
  assert.equal(read({ asking_price: 9_500 }, "£9,500").currency?.value, "GBP");
  assert.deepEqual(shown(read({ asking_price: 9_500, currency: "USD" }, "9.500 €"), "currency"), [
    "EUR",
    0.45,
  ]);
  assert.equal(
    read({ asking_price: 9_500 }, "$9,500", "https://a.example.ca/1").currency?.value,
    "CAD",
  );
  assert.equal(read({ asking_price: 9_500 }, "$9,500").currency, undefined);
});

Deno.test("kilometres that were counted as miles, and thousands that were lost, are read from the text", () => {
  assert.equal(read({ mileage: 142_000 }, "142,000 km").mileage?.value, 88_235);
  assert.equal(read({ mileage: 53, year: 2004 }, "85.000 km").mileage?.value, 52_817);
  assert.deepEqual(shown(read({ mileage: 88_235 }, "142.000 km"), "mileage"), [88_235, 0.92]);
  assert.deepEqual(shown(read({ mileage: 31_000 }, "tyres done 5,000 miles ago"), "mileage"), [
    31_000,
    0.92,
  ]);
});

Deno.test("a mileage against the odometer's label or the vehicle's age is unsure", () => {
  const sure = (mileage: number, year: number, text: string) =>
    (read({ mileage, year }, text).mileage?.confidence ?? 0) > 0.5;
  assert.equal(sure(31_000, 2015, "Mileage: 97,000 miles"), false);
  assert.equal(sure(53, 2004, ""), false);
  assert.equal(sure(53, 2004, "only 53 miles"), true);
  assert.equal(sure(650_000, 2024, ""), false);
});

Deno.test("a VIN of another year or another maker is unsure, with both shown", () => {
  const year = read({ vin: "1HGCM82633A004352", year: 2011, make: "Honda" }, "");
  assert.deepEqual(shown(year, "vin"), ["1HGCM82633A004352", 0.45]);
  assert.match(year.vin?.evidence ?? "", /but year 2011/);
  const make = read({ vin: "1HGCM82633A004352", year: 2003, make: "BMW" }, "");
  assert.match(make.vin?.evidence ?? "", /but make "BMW", and this VIN is of Honda/);
  for (const builder of ["Honda", "Winnebago", "Citroën"]) {
    const vin = builder === "Citroën" ? "VF7RDRHF123456789" : "1HGCM82633A004352";
    assert.equal(read({ vin, make: builder }, "").vin?.confidence, 0.92, builder);
  }
});

Deno.test("a year before its maker or after the page is unsure", () => {
  const early = read({ year: 1967, make: "Tesla" }, "");
  assert.deepEqual([early.year?.confidence, early.make?.confidence], [0.45, 0.45]);
  assert.equal(read({ year: 2031, make: "Ford" }, "").year?.confidence, 0.45);
  assert.equal(read({ year: 1905, make: "Ford" }, "").year?.confidence, 0.92);
});

Deno.test("a figure is found however a country writes it", () => {
  const signs = fc.constantFrom(",", ".", "'", "’", "\u00a0", "\u202f", " ", "");
  fc.assert(fc.property(fc.integer({ min: 1_000, max: 999_999 }), signs, (sum, sign) => {
    const written = String(sum).replace(/\B(?=(?:\d{3})+$)/g, sign);
    assert.equal(
      read({ asking_price: sum }, `Rate ${written} € pro Monat`).asking_price,
      undefined,
    );
    assert.equal(read({ asking_price: sum }, `Preis ${written} €`).asking_price?.value, sum);
  }));
});

Deno.test("a hostile text costs no more than a page", () => {
  const text = "Price 1,489 km $".repeat(400_000) + "1".repeat(1_000_000);
  const cpuMs = cpuClock();
  read({ asking_price: 1_489, mileage: 1_489, year: 2004 }, text);
  assert.ok(cpuMs() < 1_000);
});
