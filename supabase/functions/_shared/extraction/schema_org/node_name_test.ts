import assert from "node:assert/strict";
import { codedFor, namedVehicle } from "./node_name.ts";

Deno.test("a year behind make and model is the name's year, a model that is a year is none", () => {
  const read = (name: string) => {
    const { year, make } = namedVehicle(name);
    return [year, make];
  };
  assert.deepEqual(read("Nissan Patrol SE Platinum 2024 4.0"), [2024, "Nissan"]);
  assert.deepEqual(read("2018 Honda Odyssey"), [2018, "Honda"]);
  assert.deepEqual(read("Peugeot 2008 Allure 2019"), [2019, "Peugeot"]);
  assert.deepEqual(read("Peugeot 2008 Allure")[0], null);
  assert.deepEqual(read("Volkswagen Golf GTI, 2021"), [2021, "Volkswagen"]);
});

Deno.test("a code that the name does not know gives way to the name's model", () => {
  const model = (code: string, make: string, name: string) => codedFor(code, make, { name });
  assert.equal(model("J1", "Porsche", "Taycan Sport Turismo (MY22)"), "Taycan Sport Turismo");
  assert.match(model("8V1", "Audi", "Audi A3 Sportback") ?? "", /^A3/);
  assert.match(model("W205", "Mercedes-Benz", "2016 Mercedes-Benz C 300") ?? "", /^C/);
  assert.match(model("104277", "Skoda", "Skoda Octavia Combi") ?? "", /^Octavia/);
  assert.equal(model("A4", "Audi", "2016 Audi A4 2.0T"), null);
  assert.equal(model("F-150", "Ford", "Ford F150 XLT"), null);
  assert.equal(model("Golf", "Volkswagen", "Volkswagen"), null);
});
