import fc from "fast-check";
import { type FieldName, SALE_STATUSES } from "../../../domain/fact.ts";

const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const price = optional(fc.integer({ min: 1, max: 5_000_000 }));

/** Facts as vehicles hold them: year, make and model always, all others at times. */
export const heldFacts: fc.Arbitrary<Partial<Record<FieldName, unknown>>> = fc.record({
  year: fc.integer({ min: 1885, max: 2026 }),
  make: fc.constantFrom("Porsche", "Mercedes-Benz", "Citroën", "AMC", "Land Rover"),
  model: fc.constantFrom("911 Carrera", "300SL", "2CV", "Javelin", 'Series IIA 109"', "F-150"),
  trim: optional(fc.constantFrom("Club Sport", "Carrera", "XLT", "4x4")),
  vin: optional(fc.constantFrom("WP0AB0916JS120001", "84210", "1FTEW1EP5JFA00001")),
  mileage: optional(fc.integer({ min: 0, max: 400_000 })),
  color: optional(fc.constantFrom("Guards Red", "black", "Gris Métallisé", "Code 347/R")),
  interior_color: optional(fc.constantFrom("Black", "Tan Leather Upholstery", "red interior")),
  engine: optional(fc.constantFrom("3.2L Flat-Six", "V8", "1,600cc Inline-Four", "6.2-Liter V8")),
  transmission: optional(fc.constantFrom("5-Speed Manual", "Automatic", "Four-Speed Transaxle")),
  drivetrain: optional(fc.constantFrom("RWD", "4WD", "all-wheel drive")),
  body_style: optional(fc.constantFrom("Coupe", "SUV", "Truck", "Sedan 4 Doors", "Estate")),
  sale_price: price,
  high_bid: price,
  asking_price: price,
  currency: optional(fc.constantFrom("USD", "EUR", "GBP", "CHF")),
  sale_status: optional(fc.constantFrom(...SALE_STATUSES)),
  sale_date: optional(fc.constantFrom("2025-11-03", "1999-01-31", "2026-02-28")),
  location: optional(fc.constantFrom("Greenville, SC", "Zürich, Switzerland", "London SW1A 1AA")),
});
