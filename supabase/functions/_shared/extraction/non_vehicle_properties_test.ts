import assert from "node:assert/strict";
import fc from "fast-check";
import { make, model, year } from "../vehicle/testing/arbitraries.ts";
import { nonVehicleIn, whatIsSold } from "./non_vehicle.ts";

Deno.test("a sign, wheels or seats stay what they are for any maker", () => {
  const nonVehicle = fc.constantFrom(
    "Neon % Sign",
    "Set of Wheels for %",
    "% Sport Seats",
    "% Go-Kart",
    "% Tool Kit",
  );
  fc.assert(fc.property(make, nonVehicle, (make, nonVehicle) => {
    const title = nonVehicle.replace("%", make);
    assert.notEqual(nonVehicleIn(title), null);
    assert.equal(whatIsSold(title, ["Metal Frame", "Black Finish"]).what, "non_vehicle");
  }));
});

Deno.test("a vehicle with number and mileage is one, whatever its maker and model", () => {
  fc.assert(fc.property(make, year, model, (make, year, model) => {
    const details = ["Chassis: 85576", "31k Miles", "2.0-Liter Inline-Four"];
    assert.equal(whatIsSold(`${year} ${make} ${model}`, details).what, "vehicle");
  }));
});
