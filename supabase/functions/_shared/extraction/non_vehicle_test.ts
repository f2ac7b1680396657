import assert from "node:assert/strict";
import { nonVehicleIn, whatIsSold } from "./non_vehicle.ts";

Deno.test("doors and tops of a vehicle that is named whole make no thing of it", () => {
  for (
    const title of [
      "1979 Ford Bronco 2-Door",
      "1995 Jeep Wrangler Soft Top",
      "1966 Chevrolet Nova Two-Door Hardtop",
      "2007 Dodge Caravan",
      "1950 Chevrolet 3100 Panel",
    ]
  ) {
    assert.equal(nonVehicleIn(title), null, title);
    assert.equal(whatIsSold(title, []).what, "vehicle", title);
  }
});

Deno.test("tops and doors that are taken off are things", () => {
  for (
    const title of [
      "2001 BMW Z8 Removable Hardtop",
      "Hardtop for Mercedes-Benz 300SL",
      "Porsche 356 Soft Top",
      "1973 Porsche 911 Doors",
    ]
  ) {
    assert.notEqual(nonVehicleIn(title), null, title);
  }
});

Deno.test("handbooks, brochures and beer taps are things, whatever their titles name", () => {
  for (
    const title of [
      "1967 Porsche 911 Handbook",
      "Owner’s Handbook for Jaguar XJ6",
      "Harley-Davidson Beer Tap Handle",
      "Guinness Beer Tap",
      "1965 Ford Mustang Sales Brochure",
    ]
  ) {
    const details = ["289ci V8", "Four-Speed Manual Transmission"];
    assert.equal(whatIsSold(title, details).what, "non_vehicle", title);
  }
});

Deno.test("a racer without a year or a number is a vehicle, one for children is none", () => {
  const details = ["110ci Inline-Four", "Wire Wheels", "Red Paint"];
  for (
    const title of ["Kurtis Kraft Midget Racer", "Crosley-Powered Sprint Car", "T-Bucket Dragster"]
  ) {
    assert.equal(whatIsSold(title, details).what, "vehicle", title);
  }
  for (
    const title of [
      "Quarter Midget Racer",
      "Soap Box Derby Racer",
      "Pedal Racer",
      "Tin Wind-Up Race Car",
    ]
  ) {
    assert.equal(whatIsSold(title, ["Red Paint"]).what, "non_vehicle", title);
  }
});
