import assert from "node:assert/strict";
import { readListingLines } from "./listing_lines.ts";

function read(...lines: string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(readListingLines(lines)).flatMap(([kind, found]) =>
      found === null ? [] : [[kind, kind === "mileage" ? found.value.miles : found.value]]
    ),
  );
}

Deno.test("the lines of a listing are told apart without labels", () => {
  assert.deepEqual(
    read(
      "Chassis: WP0AA29829U760958",
      "13k Miles",
      "2.9-Liter Flat-Six",
      "Fabspeed Exhaust System",
      "Six-Speed Manual Transaxle",
      "Arctic Silver Metallic Paint",
      "Black Leather Upholstery",
      "Heated & Ventilated Seats",
    ),
    {
      chassis: "WP0AA29829U760958",
      mileage: 13_000,
      engine: "2.9-Liter Flat-Six",
      transmission: "Six-Speed Manual Transaxle",
      color: "Arctic Silver Metallic",
      interior_color: "Black Leather",
    },
  );
});

const LINES: Record<string, Record<string, unknown>> = {
  "Replacement 1.6-Liter Flat-Four": { engine: "Replacement 1.6-Liter Flat-Four" },
  "201ci L-Head Inline-Four": { engine: "201ci L-Head Inline-Four" },
  "Air-Cooled 1,835cc Flat-Four": { engine: "Air-Cooled 1,835cc Flat-Four" },
  "Dual Permanent-Magnet Motors": { engine: "Dual Permanent-Magnet Motors" },
  "Dual AC Induction Motors": { engine: "Dual AC Induction Motors" },
  "Edelbrock V8 Intake Manifold": {},
  "No Engine or Transmission": {},
  "4.0L Inline-Six & Four-Speed Automatic": {
    engine: "4.0L Inline-Six",
    transmission: "Four-Speed Automatic",
  },
  "Six-Speed F1 Sequential Transaxle": { transmission: "Six-Speed F1 Sequential Transaxle" },
  "Four-Speed Automatic Tranmssion": { transmission: "Four-Speed Automatic Tranmssion" },
  "Two-Speed Transfer Case": {},
  "Automatic Climate Control": {},
  "Transmission Cooler": {},
  "Owner's Manual": {},
  "Quattro All-Wheel-Drive System": { drivetrain: "AWD" },
  "Part-Time Four-Wheel Drive": { drivetrain: "4WD" },
  "4.6-Liter V8 Rebuilt in 2019": { engine: "4.6-Liter V8" },
  "302ci V8 (Rebuilt 2015)": { engine: "302ci V8" },
  "Replacement 350ci V8 Rebuilt by Smith Racing": { engine: "Replacement 350ci V8" },
  "Rebuilt 4.6-Liter V8 in 2019": { engine: "Rebuilt 4.6-Liter V8" },
  "4.2L Inline-Six Rebuilt 5k Miles Ago": { engine: "4.2L Inline-Six" },
  "Cylinder Heads Rebuilt in 2019": {},
  "Engine Rebuilt in 2015": {},
  "Repainted in 2015": {},
  "Repainted in 2015 in Guards Red": { color: "Guards Red" },
  "Repainted by Smith in Blue": { color: "Blue" },
  "Red Repaint in 2012": { color: "Red" },
  "Repainted in Original Color": {},
  "Repainted Hood": {},
  "94,300, TMU": { mileage: 94_300 },
  "140xxx Miles": { mileage: 140_000 },
  "Tires With 500 Miles": {},
  "New Tires 2k Miles Ago": {},
  "Body: 4410": {},
  "Repainted Green": { color: "Green" },
  "White Repaint": { color: "White" },
  "Fire Red Pearl Paint w/Black Stripes": { color: "Fire Red Pearl" },
  "Dark Maroon Metallic": { color: "Dark Maroon Metallic" },
  "Gray & Blue Paint over Blue Interior": { color: "Gray & Blue", interior_color: "Blue" },
  "Onyx Black over Pewter Leather": { color: "Onyx Black", interior_color: "Pewter Leather" },
  "Black-Painted Wheels": {},
  "Paint Protection Film": {},
  "Original Paint": {},
  "Red Brake Calipers": {},
  "Assigned VIN: MA34321": { chassis: "MA34321" },
};
for (const [line, expected] of Object.entries(LINES)) {
  Deno.test(`"${line}" says ${JSON.stringify(expected)}`, () =>
    assert.deepEqual(read(line), expected));
}

Deno.test("the first line of a kind is the car's own", () => {
  assert.deepEqual(read("3.5-Liter V6", "Spare 5.7-Liter V8"), { engine: "3.5-Liter V6" });
});
