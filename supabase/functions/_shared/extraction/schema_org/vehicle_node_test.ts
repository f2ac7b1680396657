import assert from "node:assert/strict";
import { placedNodes } from "../../html/json_ld.ts";
import { mainVehicle } from "./vehicle_node.ts";

Deno.test("a car without name, model or number identifies nothing", () => {
  assert.deepEqual(mainVehicle(placedNodes([{ "@type": "Car", color: "Red" }]), [], ""), {
    kind: "none",
  });
});
