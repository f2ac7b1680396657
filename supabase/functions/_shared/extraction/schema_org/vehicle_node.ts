import type { JsonLdNode, PlacedNode } from "../../html/json_ld.ts";
import { nodeText } from "../../html/json_ld.ts";

const VEHICLE_TYPES = new Set([
  "car",
  "vehicle",
  "motorcycle",
  "motorizedbicycle",
  "busorcoach",
  "motorhome",
  "truck",
  "usedcar",
  "newcar",
]);
/** Properties that only a vehicle has: a product that carries one is one. */
const VEHICLE_PROPERTIES = [
  "vehicleIdentificationNumber",
  "mileageFromOdometer",
  "vehicleModelDate",
  "vehicleTransmission",
  "vehicleEngine",
  "driveWheelConfiguration",
];

export function isVehicle({ node, types }: PlacedNode): boolean {
  if (types.some((type) => VEHICLE_TYPES.has(type))) return true;
  return types.some((type) => type === "product" || type === "individualproduct") &&
    VEHICLE_PROPERTIES.some((property) => nodeText(node[property]) !== null);
}

/** A car without a name, a number or a model (a dealer's "makes: Car" entry) identifies nothing. */
export function identifies(node: JsonLdNode): boolean {
  return ["name", "model", "vehicleIdentificationNumber"].some((key) =>
    nodeText(node[key]) !== null
  );
}
