import assert from "node:assert/strict";
import type { JsonLdNode } from "../../html/json_ld.ts";
import { ownVehicle } from "./own_vehicle.ts";
import { isVehicle } from "./vehicle_node.ts";
import { withVehicleProperties } from "./vehicle_properties.ts";

const placed = (node: JsonLdNode, types = ["product"]) => ({
  node,
  types,
  listed: false,
  offer: null,
  address: null,
  top: true,
});
const PRODUCT: JsonLdNode = { "@type": "Product", name: "2018 Honda Odyssey EX-L" };

Deno.test("further properties of a product are a vehicle's, by the names that sites give them", () => {
  const { node } = withVehicleProperties(placed({
    ...PRODUCT,
    color: "Gray",
    additionalProperty: [
      { "@type": "PropertyValue", name: "VIN:", value: "5FNRL6H72JB054602" },
      { "@type": "PropertyValue", name: "Mileage", value: "97,561", unitCode: "SMI" },
      { "@type": "PropertyValue", name: "Exterior Color", value: "Red" },
      { "@type": "PropertyValue", name: "Drive Train", value: "FWD" },
      { "@type": "PropertyValue", name: "Warranty", value: "None" },
    ],
  }));
  assert.equal(node.vehicleIdentificationNumber, "5FNRL6H72JB054602");
  assert.equal((node.mileageFromOdometer as JsonLdNode).value, "97,561");
  assert.deepEqual([node.color, node.driveWheelConfiguration], ["Gray", "FWD"]);
});

Deno.test("a VIN as the article's number makes a product a vehicle, another number does not", () => {
  const is = (node: JsonLdNode) =>
    isVehicle(withVehicleProperties(placed({ ...PRODUCT, ...node })));
  assert.deepEqual(
    [is({ sku: "5FNRL6H72JB054602" }), is({ productID: "vin:5FNRL6H72JB054602" })],
    [true, true],
  );
  assert.deepEqual([is({}), is({ sku: "5FNRL6H73JB054602" }), is({ sku: "H1234" })], [
    false,
    false,
    false,
  ]);
  assert.ok(is({ additionalType: "http://www.productontology.org/id/Car" }));
});

Deno.test("a node without any of these is given back as it is", () => {
  const car = placed({ name: "x", color: "Red" }, ["car"]);
  assert.equal(withVehicleProperties(car), car);
});

Deno.test("of several cars the page's own is told by the listing's number in its address", () => {
  const car = (sku: string) => placed({ name: `car ${sku}`, model: "x", sku }, ["car"]);
  const cars = [car("699142094"), car("672789813")];
  const at = (url: string) => {
    const main = ownVehicle(cars, { url, addresses: [url], headings: ["Used cars"] });
    return main.kind === "one" ? main.vehicle.node.sku : main.kind;
  };
  assert.equal(at("https://a.example/cars-for-sale/vehicle/672789813"), "672789813");
  assert.equal(at("https://a.example/vehicledetails.xhtml?listingId=699142094&x=1"), "699142094");
  assert.equal(at("https://a.example/cars-for-sale?zip=672789"), "several");
});
