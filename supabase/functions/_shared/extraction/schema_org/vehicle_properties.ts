import { type JsonLdNode, nodeList, nodeText, type PlacedNode } from "../../html/json_ld.ts";
import { isObject, type Json } from "../../html/json_region.ts";
import { checkDigitFits } from "../../vehicle/vin.ts";

/** Names that sites give to further properties of a product → the vocabulary's own property. */
const NAMES: readonly [RegExp, string][] = [
  [/^(?:vin|vin number|vehicle identification number)$/, "vehicleIdentificationNumber"],
  [/^(?:mileage|odometer|miles)$/, "mileageFromOdometer"],
  [/^(?:(?:model )?year)$/, "vehicleModelDate"],
  [/^(?:make|brand)$/, "brand"],
  [/^model$/, "model"],
  [/^trim(?: level)?$/, "vehicleConfiguration"],
  [/^(?:exterior|ext\.?)? ?colou?r$/, "color"],
  [/^(?:interior|int\.?) colou?r$/, "vehicleInteriorColor"],
  [/^engine(?: description)?$/, "vehicleEngine"],
  [/^transmission$/, "vehicleTransmission"],
  [/^(?:drive ?(?:train|type|line)|driven wheels)$/, "driveWheelConfiguration"],
  [/^body(?: ?(?:style|type))?$/, "bodyType"],
];
const NUMBERS = ["productID", "sku", "mpn", "serialNumber", "identifier"];
const TYPES = /(?:^|[/#:])(car|vehicle|motorcycle|usedcar|newcar)$/i;

/**
 * A node with what it says of a vehicle in the ways of shops: `additionalProperty` lists, a VIN as
 * the article's number, a further type. What the node states by the vocabulary's own names counts
 * before these. A node that says nothing of the kind is given back as it is.
 */
export function withVehicleProperties(placed: PlacedNode): PlacedNode {
  const { node, types } = placed;
  const added: JsonLdNode = {};
  for (const property of nodeList(node.additionalProperty).slice(0, 100)) {
    if (!isObject(property)) continue;
    const label = (nodeText(property.name) ?? nodeText(property.propertyID) ?? "").toLowerCase();
    const name = NAMES.find(([pattern]) => pattern.test(label.replace(/[:_-]+/g, " ").trim()))?.[1];
    if (name !== undefined && added[name] === undefined) added[name] = valueOf(property, name);
  }
  const vin = NUMBERS.map((key) => vinIn(node[key])).find((one) => one !== null);
  if (vin) added.vehicleIdentificationNumber ??= vin;
  const further = nodeList(node.additionalType).flatMap((one) =>
    typeof one === "string" ? TYPES.exec(one)?.[1]?.toLowerCase() ?? [] : []
  );
  const keys = Object.keys(added).filter((key) => nodeText(node[key]) === null);
  if (keys.length === 0 && further.length === 0) return placed;
  const filled = Object.fromEntries(keys.map((key) => [key, added[key] ?? null]));
  return { ...placed, node: { ...node, ...filled }, types: [...types, ...further] };
}

/** Mileage keeps its unit; the rest is text. */
function valueOf(property: JsonLdNode, name: string): Json {
  return name === "mileageFromOdometer" &&
      (property.unitCode !== undefined || property.unitText !== undefined)
    ? property
    : nodeText(property.value);
}

/** A number that is a VIN beyond doubt: 17 characters with a right check digit. */
function vinIn(value: Json | undefined): string | null {
  const text = (nodeText(isObject(value) ? value.value : value) ?? "").toUpperCase();
  const number = /(?:^|[:\s])([A-HJ-NPR-Z\d]{17})$/.exec(text)?.[1];
  return number !== undefined && checkDigitFits(number) ? number : null;
}
