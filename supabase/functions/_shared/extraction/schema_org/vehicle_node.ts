import type { JsonLdNode, PlacedNode } from "../../html/json_ld.ts";
import { nodeText } from "../../html/json_ld.ts";
import { parseTitle } from "../../vehicle/title.ts";

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
function identifies(node: JsonLdNode): boolean {
  return ["name", "model", "vehicleIdentificationNumber"].some((key) =>
    nodeText(node[key]) !== null
  );
}

type MainVehicle =
  | { kind: "one"; vehicle: PlacedNode }
  | { kind: "none" }
  | { kind: "several"; count: number };

/**
 * The vehicle that a page is about. Several nodes with one VIN, address or name are one vehicle;
 * of several vehicles it is the one whose address or VIN is the page's own, the one that stands by
 * itself and not in a list, or the one that the page's title names. Where none stands out the page
 * is an index.
 */
export function mainVehicle(
  nodes: readonly PlacedNode[],
  addresses: readonly string[],
  title: string,
): MainVehicle {
  const vehicles = merged(nodes.filter((one) => isVehicle(one) && identifies(one.node)));
  if (vehicles.length === 0) return { kind: "none" };
  const choices = [
    vehicles.filter(({ node }) => isAddressed(node, addresses)),
    vehicles.filter(({ listed }) => !listed),
    vehicles.filter(({ node }) => isNamed(node, title)),
  ];
  for (const choice of choices) {
    if (choice.length === 1 && choice[0] !== undefined) return { kind: "one", vehicle: choice[0] };
  }
  return { kind: "several", count: vehicles.length };
}

/** The same for the page of one vehicle: a car with an address of its own is another's, also when it is the only one. */
export function ownVehicle(
  nodes: readonly PlacedNode[],
  addresses: readonly string[],
  title: string,
): MainVehicle {
  const own = nodes.filter((one) => !isVehicle(one) || !standsElsewhere(one.node, addresses));
  const main = mainVehicle(own, addresses, title);
  if (main.kind !== "none" || own.length === nodes.length) return main;
  const any = mainVehicle(nodes, addresses, title);
  return any.kind === "several" ? any : main;
}

/** Whether a title names this car by year and model; the title of an index names no year. */
function isNamed(node: JsonLdNode, title: string): boolean {
  const page = parseTitle(title);
  const own = parseTitle(nodeText(node.name) ?? "");
  if (page.year === null || page.year !== own.year || page.make !== own.make) return false;
  const [one, other] = [page.model ?? "", own.model ?? ""].map((model) => model.toLowerCase());
  return one !== undefined && other !== undefined && other !== "" && one.startsWith(other);
}

function merged(vehicles: readonly PlacedNode[]): PlacedNode[] {
  const byKey = new Map<string, PlacedNode>();
  for (const one of vehicles) {
    const key = (nodeText(one.node.vehicleIdentificationNumber) ?? nodeText(one.node.url) ??
      nodeText(one.node["@id"]) ?? nodeText(one.node.name) ?? nodeText(one.node.model) ?? "")
      .toLowerCase();
    const held = byKey.get(key);
    byKey.set(
      key,
      held === undefined ? one : {
        node: { ...one.node, ...held.node },
        types: held.types,
        listed: held.listed && one.listed,
        offer: held.offer ?? one.offer,
      },
    );
  }
  return [...byKey.values()];
}

/** Whether a node has an address of its own that is not the page's: another car, also when it is the only one. */
function standsElsewhere(node: JsonLdNode, addresses: readonly string[]): boolean {
  const own = [nodeText(node.url), nodeText(node["@id"])].filter((address) =>
    address !== null && /^(?:https?:)?\/\/[^/]+\/.|^\/./i.test(address)
  );
  if (own.length === 0 || isAddressed(node, addresses)) return false;
  const places = addresses.map(placeOf);
  return !own.some((address) => {
    const place = placeOf(address ?? "");
    return places.some((page) => page === place || page.endsWith(place) || place.endsWith(page));
  });
}

/** An address without its query: host and path, or the path alone where that is all there is. */
function placeOf(address: string): string {
  return plainAddress(address).replace(/\?.*$/, "").replace(/^\/\//, "").replace(/\/$/, "");
}

function isAddressed(node: JsonLdNode, addresses: readonly string[]): boolean {
  const vin = nodeText(node.vehicleIdentificationNumber)?.toLowerCase();
  const own = [nodeText(node.url), nodeText(node["@id"])].map(plainAddress).filter((url) =>
    url !== ""
  );
  const numbers = new Set(NUMBERED.flatMap((key) => numbersIn(nodeText(node[key]) ?? "")));
  return addresses.some((address) => {
    const plain = plainAddress(address);
    return own.includes(plain) || (vin !== undefined && vin.length > 10 && plain.includes(vin)) ||
      (numbers.size > 0 && numbersIn(plain).some((number) => numbers.has(number)));
  });
}

/** Where a node has the number under which its site lists it. */
const NUMBERED = ["sku", "productID", "identifier", "mpn", "url", "@id"];

/** Numbers of six digits and more that stand by themselves: a listing's, not a year or a part of a VIN. */
function numbersIn(text: string): string[] {
  return text.slice(0, 2_000).match(/(?<![A-Za-z\d])\d{6,12}(?![A-Za-z\d])/g) ?? [];
}

/** An address without scheme, `www.`, fragment and closing slash, in lower case. */
function plainAddress(url: string | null): string {
  return (url ?? "").toLowerCase().replace(/^https?:\/\/(?:www\.)?/, "").replace(/#.*$/, "")
    .replace(/\/$/, "");
}
