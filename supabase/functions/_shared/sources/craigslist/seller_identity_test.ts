import assert from "node:assert/strict";
import { FactBook } from "../../extraction/fact_book.ts";
import { addIdentity } from "./seller_identity.ts";
import { readSellerTitle } from "./seller_title.ts";

function identify(title: string, form: string, description = "", vin: string | null = null) {
  const facts = new FactBook();
  const [formYear, formText] = [Number(form.slice(0, 4)) || null, form.replace(/^\d{4} ?/, "")];
  addIdentity(facts, {
    title,
    formYear,
    formText,
    titled: readSellerTitle(title),
    formed: readSellerTitle(formText, {
      place: "form",
      known: formYear,
      besides: readSellerTitle(title).isOtherThing,
    }),
    description,
    vin,
    posted: 2021,
  });
  return facts.all();
}
const named = (
  facts: ReturnType<typeof identify>,
) => [facts.year?.value, facts.make?.value, facts.model?.value];

Deno.test("title and form together are surer than one of them", () => {
  const both = identify("2008 VW Jetta SE", "2008 vw jetta");
  const title = identify("2008 VW Jetta SE", "");
  assert.deepEqual(named(both), [2008, "Volkswagen", "Jetta SE"]);
  for (const field of ["year", "make", "model"] as const) {
    assert.ok((both[field]?.confidence ?? 0) > (title[field]?.confidence ?? 1), field);
  }
});

Deno.test("years that disagree: two places outvote one, and the vote stays as evidence", () => {
  const charger = identify("2012 Dodge Charger", "2013 dodge charger", "2012 Dodge Charger");
  assert.equal(charger.year?.value, 2012);
  assert.ok((charger.year?.confidence ?? 1) < 0.9);
  assert.match(charger.year?.evidence ?? "", /but .*2013/);
  const mercedes = identify("1983 Mercedes sd", "1991 1983 Mercedes");
  assert.equal(mercedes.year?.value, 1983);
});

Deno.test("the VIN's model year decides between two years", () => {
  const vin = "3VWRM71K88M027036"; // tenth character 8: 2008
  assert.equal(identify("2006 VW Jetta", "2008 vw jetta", "", vin).year?.value, 2008);
  assert.equal(identify("2008 VW Jetta", "2006 vw jetta", "", vin).year?.value, 2008);
});

Deno.test("a year after the next of the post is no model year", () => {
  assert.equal(identify("2031 Ford Focus", "2013 ford focus").year?.value, 2013);
});

Deno.test("other makers in the form are bait for searches, the title tells the maker", () => {
  const van = identify(
    "2013 Chrysler Town & Country Touring",
    "2013 Honda Odyssey Toyota Sienna",
  );
  assert.deepEqual(named(van), [2013, "Chrysler", "Town & Country Touring"]);
  assert.ok((van.make?.confidence ?? 1) < 0.95);
});

Deno.test("the form fills what the title leaves out", () => {
  assert.deepEqual(named(identify("For Sale/OBO", "2004 honda accord")), [
    2004,
    "Honda",
    "Accord",
  ]);
  assert.deepEqual(
    named(identify("2006 Ford Freestar one owner", "2006 ford freestar se"))[2],
    "Freestar SE",
  );
  assert.deepEqual(
    named(identify("2002 Ford Explorer 4x4", "2002 Ford Explorer Limited"))[2],
    "Explorer Limited 4x4",
  );
  assert.deepEqual(named(identify("2003 Chevy Truck", "2003 chevy silverado"))[2], "Silverado");
});

Deno.test("the right spelling in the form mends the title's", () => {
  assert.equal(
    identify("2013 Nissan Frontoer", "2013 Nissan Frontier").model?.value,
    "Frontier",
  );
  assert.equal(identify("2009 Nissan maximum", "2009 nissan maxima").model?.value, "Maxima");
});

Deno.test("a maker is named as it was in the model year", () => {
  assert.deepEqual(named(identify("2006 Ram 1500 SLT", "2006 ram 1500")), [
    2006,
    "Dodge",
    "Ram 1500 SLT",
  ]);
  assert.deepEqual(named(identify("2016 Ram 2500", "2016 ram 2500")), [2016, "Ram", "2500"]);
  assert.equal(
    identify("1999 International 4700", "1999 international 4700").make?.value,
    "International",
  );
});

Deno.test("a Ram of 1965 is what the text says it is", () => {
  const car = identify(
    "1965 ram marlin",
    "1965 Ram marlin",
    "1965 rambler marlin, 2 door hard top",
  );
  assert.deepEqual([car.make?.value, car.model?.value], ["Rambler", "Marlin"]);
  assert.ok((car.make?.confidence ?? 1) < 0.9);
});

Deno.test("a model that is not known is read as written, less surely; words of the sale are none", () => {
  const truck = identify("2012 Hino 268", "2012 hino 268");
  assert.equal(truck.model?.value, "268");
  assert.ok((truck.model?.confidence ?? 1) < 0.9);
  assert.equal(identify("2010 Ford for sale", "2010 ford").model, undefined);
});

Deno.test("the maker that the form states comes before a model's name elsewhere", () => {
  const pairs: Readonly<Record<string, [form: string, make: string, model: string]>> = {
    "2007 Keystone Cougar 5th wheel": ["2007 Keystone Cougar", "Keystone", "Cougar"],
    "Montana 5th wheel": ["2007 Keystone Montana", "Keystone", "Montana"],
    "2007 Cougar bunkhouse": ["2007 keystone cougar", "Keystone", "Cougar"],
    "1981 Excalibur Phaeton": ["1981 Excalibur Phaeton", "Excalibur", "Phaeton"],
    "1998 Arctic Cat Jaguar": ["1998 arctic cat jaguar", "Arctic Cat", "Jaguar"],
    "2003 Monaco Dynasty": ["2003 Monaco Dynasty", "Monaco", "Dynasty"],
    "1975 Sterling Nova": ["1975 sterling nova", "Sterling", "Nova"],
  };
  for (const [title, [form, make, model]] of Object.entries(pairs)) {
    const read = identify(title, form);
    assert.deepEqual([read.make?.value, read.model?.value], [make, model], title);
  }
});

Deno.test("a maker in no list is held as the form states it, and never surely", () => {
  const car = identify("1976 Bolwell Nagari", "1976 Bolwell Nagari");
  assert.deepEqual(named(car), [1976, "Bolwell", "Nagari"]);
  assert.ok((car.make?.confidence ?? 1) < 0.8);
  const alone = identify("Low miles, must go", "1976 Bolwell Nagari");
  assert.ok((alone.make?.confidence ?? 1) < 0.5);
});

Deno.test("an unknown word before a model makes the model's maker unsure", () => {
  const car = identify("2013 Acme Mustang", "");
  assert.ok((car.make?.confidence ?? 1) < 0.5);
  assert.equal(identify("2013 immaculate Mustang", "2013 ford mustang").make?.value, "Ford");
});
