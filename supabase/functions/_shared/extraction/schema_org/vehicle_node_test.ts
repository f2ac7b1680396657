import assert from "node:assert/strict";
import { placedNodes } from "../../html/json_ld.ts";
import { ownVehicle } from "./own_vehicle.ts";

Deno.test("a car without name, model or number identifies nothing", () => {
  const page = { url: "https://a.example/1", addresses: ["https://a.example/1"], headings: [] };
  assert.deepEqual(ownVehicle(placedNodes([{ "@type": "Car", color: "Red" }]), page), {
    kind: "none",
  });
});
