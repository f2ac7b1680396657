import assert from "node:assert/strict";
import fc from "fast-check";
import { lineKind, readListingLines } from "./listing_lines.ts";
import { pageText, vin } from "./testing/arbitraries.ts";

/** Lines of details, each with what it states, put together from parts. */
const line = fc.oneof(
  fc.tuple(
    fc.integer({ min: 2, max: 999 }),
    fc.constantFrom("k Miles", "k Miles Shown", "k Miles Shown, TMU"),
  )
    .map(([figure, unit]) => [`${figure}${unit}`, "mileage"] as const),
  fc.tuple(
    fc.double({ min: 0.6, max: 8.9, noNaN: true }),
    fc.constantFrom("V8", "Inline-Six", "Flat-Four", "V-Twin", "W12"),
  )
    .map(([size, layout]) => [`${size.toFixed(1)}-Liter ${layout}`, "engine"] as const),
  fc.tuple(
    fc.constantFrom("Four", "Five", "Six", "Eight", "10"),
    fc.constantFrom("Manual Transmission", "Automatic Transaxle", "PDK Dual-Clutch Automatic"),
  )
    .map(([gears, kind]) => [`${gears}-Speed ${kind}`, "transmission"] as const),
  fc.constantFrom("Arctic Silver Metallic", "Rosso Corsa", "Black", "Two-Tone Green & White")
    .map((color) => [`${color} Paint`, "color"] as const),
  fc.constantFrom("Tan Leather", "Black Cloth", "Red Vinyl").map((hide) =>
    [`${hide} Upholstery`, "interior_color"] as const
  ),
  fc.constantFrom("Quattro All-Wheel-Drive System", "Four-Wheel Drive").map((text) =>
    [text, "drivetrain"] as const
  ),
  fc.constantFrom(
    '17" BBS Wheels',
    "Limited-Slip Differential",
    "Dual-Range Transfer Case",
    "Clean Carfax Report",
  )
    .map((text) => [text, "other"] as const),
  vin.map((vin) => [`Chassis: ${vin}`, "chassis"] as const),
);

Deno.test("lines: each is of its kind", () => {
  fc.assert(fc.property(line, ([text, kind]) => assert.equal(lineKind(text), kind, text)), {
    numRuns: 500,
  });
});

Deno.test("lines: the first of a kind wins, and what is not of the vehicle changes nothing", () => {
  const none = fc.constantFrom(
    '17" BBS Wheels',
    "Clean Carfax Report",
    "Records from 1998",
    "Two Keys",
  );
  fc.assert(fc.property(fc.array(line, { maxLength: 8 }), none, fc.nat(8), (lines, other, at) => {
    const texts: string[] = lines.map(([text]) => text);
    const read = readListingLines(texts);
    for (const kind of ["engine", "transmission", "color", "chassis"] as const) {
      assert.equal(read[kind]?.line, lines.find((line) => line[1] === kind)?.[0]);
    }
    assert.deepEqual(readListingLines(texts.toSpliced(at, 0, other)), read);
  }));
});

Deno.test("lines: any text has one kind, and is read without an exception", () => {
  fc.assert(fc.property(fc.array(pageText, { maxLength: 6 }), (lines) => {
    for (const line of lines) assert.equal(typeof lineKind(line), "string");
    for (const [field, found] of Object.entries(readListingLines(lines))) {
      if (found !== null) assert.ok(lines.includes(found.line), field);
    }
  }));
});
