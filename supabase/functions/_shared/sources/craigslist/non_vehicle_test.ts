import assert from "node:assert/strict";
import fc from "fast-check";
import { whyNoVehicle } from "./non_vehicle.ts";
import { readSellerTitle } from "./seller_title.ts";

function why(title: string, form = "", description = ""): string | null {
  const [titled, formed] = [readSellerTitle(title), readSellerTitle(form)];
  return whyNoVehicle({ title, form, description, titled, formed });
}

const NONE: Readonly<Record<string, RegExp>> = {
  "WANTED: old Toyota 4x4 trucks": /wanted/,
  "Looking for a Honda Civic under 3000": /wanted/,
  "ISO 1969 Camaro": /wanted/,
  "CASH FOR JUNK CARS $$$": /wanted/,
  "Classic cars wanted": /wanted/,
  "2004 Clayton mobile home 3 bed 2 bath": /home/,
  "1999 double wide": /home/,
  "Parting out 2002 Honda Civic": /parts/,
  "1996 Honda Civic parts": /part/,
  "Set of 4 wheels off 2010 Camry": /part/,
  "Engine for 2005 Ford F150 5.4": /part/,
  "camper shell for Toyota Tacoma": /part/,
  "2008 F150 tailgate": /part/,
  "1967 Mustang brochure": /part/,
  "Owners handbook for 1965 Mustang": /part/,
  "4 Michelin tires 265/70R17": /tires/,
  "16ft enclosed trailer": /vehicle/,
  "2015 Yamaha Golf cart": /vehicle/,
  "Rent to own cars": /service/,
};
for (const [title, reason] of Object.entries(NONE)) {
  Deno.test(`no vehicle: "${title}"`, () => assert.match(why(title) ?? "a vehicle", reason));
}

const VEHICLES = [
  "2004 Toyota Tacoma with camper shell",
  "2005 Ford F150 with new engine for sale",
  "2012 Honda Civic Coupe, new tires",
  "2002 Honda Civic parts car",
  "Ford Ranger for parts or repair",
  "Most wanted truck 1970 Chevy C10",
  "looking for trade 2001 Honda Civic",
  "1998 Chevy Tahoe will trade for truck",
  "Ford F-800 Trash Truck",
  "1998 F-800 Crane Truck",
  "2010 Jeep Wrangler hard top",
  "2011 Toyota Sienna with Braun Handicapp Conversion",
  "Ford Expedition XLT EL w/tow pkg + optional warranty",
  "2010 Jayco Eagle travel trailer",
  "2012 Heartland Sundance 5th wheel",
  "2013 Dodge Dart Limited (Manual)",
  "94 gmc extended cab ROLLER",
];
for (const title of VEHICLES) {
  Deno.test(`a vehicle: "${title}"`, () => assert.equal(why(title), null));
}

Deno.test("a title that says nothing is judged by the form and the text", () => {
  assert.equal(why("Bus For Sale", "thomas school bus"), null);
  assert.match(why("Hello", "", "I buy old mustangs, any condition") ?? "", /wanted/);
});

Deno.test("any post is judged without an exception", () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 200 }),
      fc.string({ maxLength: 80 }),
      fc.string({ maxLength: 400 }),
      (a, b, c) => {
        const reason = why(a, b, c);
        assert.ok(reason === null || reason.length > 3);
      },
    ),
    { numRuns: 300, seed: 20261122 },
  );
});
