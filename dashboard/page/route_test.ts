import assert from "node:assert/strict";
import { readRoute } from "./route.ts";

Deno.test("an address that is no page of ours is the overview", () => {
  for (const hash of ["", "#/", "#/nothing", "#x"]) assert.equal(readRoute(hash).view, "overview");
});

Deno.test("what is sought may hold slashes, and stands as it was typed", () => {
  const sought = "https://example.com/listing/1?a=b";
  const route = readRoute(`#/vehicles/${encodeURIComponent(sought)}`);
  assert.deepEqual(route, { view: "vehicles", title: "Vehicles", text: sought });
});

Deno.test("a vehicle has its id in the address", () => {
  const route = readRoute("#/vehicle/4bc5f7ef-f012-4ef9-961f-28901d57bd6d");
  assert.equal(route.view === "vehicle" && route.id, "4bc5f7ef-f012-4ef9-961f-28901d57bd6d");
});

Deno.test("an address with half a percent sign is taken as it is", () => {
  const route = readRoute("#/vehicles/100%");
  assert.equal(route.view === "vehicles" && route.text, "100%");
});
