import { type JsonLdNode, nodeList, nodeText, type PlacedNode } from "../../html/json_ld.ts";
import { isObject } from "../../html/json_region.ts";
import { hasListingNumber, numbersIn, resolved, sameAddress, vinsIn } from "../page_address.ts";
import { namedBy, names, namesAnother } from "./page_names.ts";
import { identifies, isVehicle } from "./vehicle_node.ts";

/** What a page says of itself, by which its own vehicle is told from others that it shows. */
export interface PageIdentity {
  url: string;
  /** Where it stands: its address, and its canonical one. */
  addresses: readonly string[];
  /** What it calls itself: its main headings, its title, its own card's title. */
  headings: readonly string[];
  /** Its tags for sharing, where they are its own. */
  card: ReadonlyMap<string, string>;
}

type OwnVehicle =
  /** `named`: by the page's heading, for it states no address. */
  | { kind: "one"; vehicle: PlacedNode; named: boolean; others: readonly PlacedNode[] }
  /** No vehicle is marked up. */
  | { kind: "none" }
  /** Several are, and none is the page's. */
  | { kind: "several"; count: number }
  /** One is, and it is another page's. */
  | { kind: "another"; why: string };

/** Whose a marked-up vehicle is, by its address; `unaddressed` when it states none. */
type Whose = "own" | "another" | "unaddressed";

/**
 * The vehicle that a page offers, of all that its markup names. It is the one whose address is the
 * page's; or, where none has an address, the one that the page's own heading or title names. What
 * has another address is another's, also when it is the only one; what is listed, related or spoken
 * of is the page's only by its address.
 */
export function ownVehicle(
  nodes: readonly PlacedNode[],
  page: Omit<PageIdentity, "card">,
): OwnVehicle {
  const vehicles = nodes.filter((one) => isVehicle(one) && identifies(one.node));
  if (vehicles.length === 0) return { kind: "none" };
  const sorted = Map.groupBy(vehicles, (one) => whoseIs(one, page));
  const addressed = (sorted.get("own") ?? [])
    .filter(({ node }) => !page.headings.some((heading) => namesAnother(heading, namedBy(node))));
  const unaddressed = sorted.get("unaddressed") ?? [];
  const isListing = hasListingNumber(page.url);
  const named = unaddressed.filter(({ node, listed }) =>
    !listed && page.headings.some((heading) => names(heading, namedBy(node), isListing))
  );
  const own = merged(addressed.length > 0 ? addressed : named);
  const [vehicle] = own;
  const all = merged(vehicles);
  if (own.length !== 1 || vehicle === undefined) {
    return own.length > 1 || all.length > 1
      ? { kind: "several", count: all.length }
      : { kind: "another", why: whyAnother(vehicles) };
  }
  // The same car again, without an address: what the first left out.
  const keys = keysOf(vehicle.node);
  const again = unaddressed.filter((one) => isSame(keysOf(one.node), keys));
  const whole = merged([vehicle, ...again])[0] ?? vehicle;
  const wholeKeys = keysOf(whole.node);
  const others = vehicles.filter((one) => !isSame(keysOf(one.node), wholeKeys));
  return { kind: "one", vehicle: whole, named: addressed.length === 0, others };
}

function whyAnother(vehicles: readonly PlacedNode[]): string {
  const name = nodeText(vehicles[0]?.node.name) ?? nodeText(vehicles[0]?.node.model) ?? "";
  return `the markup names a vehicle that is not the page's own: "${name.slice(0, 100)}"`;
}

/** Where a node has the number under which its site lists it. */
const NUMBERED = ["sku", "productID", "identifier", "mpn"];

function whoseIs(
  { node, offer, address, listed }: PlacedNode,
  page: Omit<PageIdentity, "card">,
): Whose {
  const vin = vinOf(node);
  const inUrl = new Set(page.addresses.flatMap((one) => [...vinsIn(one)]));
  if (vin !== null && inUrl.has(vin)) return "own";
  const stated = addressesOf(node, offer, address, page.url);
  const isPages = (one: string) => page.addresses.some((own) => sameAddress(own, one));
  if (stated.some(isPages)) return "own";
  if (stated.length > 0) return "another";
  if (vin !== null && vin.length === 17 && inUrl.size > 0 && !listed) return "another";
  const numbers = new Set(NUMBERED.flatMap((key) => [...numbersIn(nodeText(node[key]) ?? "")]));
  const listing = page.addresses.flatMap((one) => [...numbersIn(one)]);
  if (listing.some((number) => number.length >= 6 && numbers.has(number))) return "own";
  const id = nodeText(node["@id"]);
  const own = id !== null && /^https?:/i.test(id) ? resolved(id, page.url) : null;
  if (own === null) return "unaddressed";
  // An identifier of a part of this page may be of any car on it.
  if (isPages(own)) return id?.includes("#") ? "unaddressed" : "own";
  return "another";
}

/** The addresses at which a vehicle is said to be found. */
function addressesOf(
  node: JsonLdNode,
  offer: JsonLdNode | null,
  around: string | null,
  base: string,
): string[] {
  const offers = nodeList(node.offers).slice(0, 50).filter(isObject);
  const page = nodeList(node.mainEntityOfPage).map((one) =>
    isObject(one) ? nodeText(one["@id"]) ?? nodeText(one.url) : nodeText(one)
  );
  const all = [nodeText(node.url), ...page, ...offers.map(({ url }) => nodeText(url))];
  if (offer !== null) all.push(nodeText(offer.url));
  if (around !== null) all.push(around);
  return all.map((one) => resolved(one, base)).filter((one) => one !== null);
}

/** Joins the nodes of one vehicle: what the first says counts. */
function merged(vehicles: readonly PlacedNode[]): PlacedNode[] {
  const found: { one: PlacedNode; keys: Keys }[] = [];
  for (const one of vehicles.slice(0, 2_000)) {
    const keys = keysOf(one.node);
    const held = found.length > 200 ? undefined : found.find((other) => isSame(other.keys, keys));
    if (held === undefined) {
      found.push({ one, keys });
      continue;
    }
    const node = { ...one.node, ...held.one.node };
    held.one = {
      ...held.one,
      node,
      listed: held.one.listed && one.listed,
      offer: held.one.offer ?? one.offer,
      address: held.one.address ?? one.address,
    };
    held.keys = keysOf(node);
  }
  return found.map(({ one }) => one);
}

/** By what two nodes are known to be of one vehicle. */
interface Keys {
  vin: string | null;
  url: string | null;
  id: string | null;
  name: string;
}

function keysOf(node: JsonLdNode): Keys {
  return {
    vin: vinOf(node),
    url: nodeText(node.url),
    id: nodeText(node["@id"]),
    name: nameOf(node),
  };
}

/** One VIN, or, where one of them has none, one address, or one name where both have no address. */
function isSame(one: Keys, other: Keys): boolean {
  for (const key of ["vin", "url", "id"] as const) {
    if (one[key] !== null && other[key] !== null) return one[key] === other[key];
  }
  return one.name !== "" && one.name === other.name;
}

function nameOf(node: JsonLdNode): string {
  return (nodeText(node.name) ?? nodeText(node.model) ?? "").toLowerCase();
}

function vinOf(node: JsonLdNode): string | null {
  const vin = nodeText(node.vehicleIdentificationNumber) ?? nodeText(node.vin);
  return vin === null ? null : vin.toLowerCase().replace(/[\s-]+/g, "");
}
