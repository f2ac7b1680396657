import { decodeEntities } from "./entities.ts";
import { bracketsEnd, isObject, type Json, type JsonObject, parseJson } from "./json_region.ts";

const MOST_BLOCKS = 300;
/** `application/ld+json`, also with its plus as an entity, as some servers write it. */
const MARK = /\bld(?:\+|&#x0{0,6}2b;|&#0{0,6}43;|&plus;)json/gi;

/** An object of linked data: JSON-LD, or microdata brought into the same form. */
export type JsonLdNode = JsonObject;

/**
 * Every JSON-LD block of a page, each parsed by itself: one that is damaged costs no other.
 * `damaged` counts those that could not be read.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const html = `<script type="application/ld+json">{"@type":"Car","name":"1988 BMW M5"}</script>
 *   <script type="application/ld+json">{"@type":</script>`;
 * assert.deepEqual(jsonLdBlocks(html), {
 *   blocks: [{ "@type": "Car", name: "1988 BMW M5" }],
 *   damaged: 1,
 * });
 * ```
 */
export function jsonLdBlocks(html: string): { blocks: Json[]; damaged: number } {
  const blocks: Json[] = [];
  let damaged = 0;
  const next = (from: number) => {
    MARK.lastIndex = from;
    return MARK.exec(html)?.index ?? -1;
  };
  let at = next(0);
  for (let count = 0; at >= 0 && count < MOST_BLOCKS; count++) {
    const open = html.indexOf(">", at);
    if (open < 0) break;
    if (/<script\b[^>]*$/i.test(html.slice(Math.max(0, at - 300), at))) {
      const close = html.indexOf("</script", open);
      const block = parseBlock(html.slice(open + 1, close < 0 ? html.length : close));
      if (block === undefined) damaged++;
      else blocks.push(block);
      if (close < 0) break;
      at = next(close);
    } else at = next(open);
  }
  return { blocks, damaged };
}

/** What hides a script from readers of XML, or from those that knew no scripts. */
const WRAPPING =
  /^\s*(?:\/\/|\/\*)?\s*(?:<!\[CDATA\[|<!--)\s*(?:\*\/)?|(?:\/\/|\/\*)?\s*(?:\]\]>|-->)\s*(?:\*\/)?\s*$/g;

function parseBlock(text: string): Json | undefined {
  const bare = text.replace(WRAPPING, "").trim();
  if (bare === "") return undefined;
  const whole = parseJson(bare);
  if (whole !== undefined) return whole;
  const plain = bare.includes("&quot;") ? decodeEntities(bare) : bare;
  const at = plain.search(/[[{]/);
  const end = at < 0 ? -1 : bracketsEnd(plain, at);
  return end < 0 ? undefined : parseJson(plain.slice(at, end));
}

/** A node with where it stood: in a list of several things, inside an offer. */
export interface PlacedNode {
  node: JsonLdNode;
  /** Names of types in lower case without their vocabulary: "car", "product". */
  types: string[];
  /** It stands in a list or among related things: it is not what the page is about. */
  listed: boolean;
  /** The offer it is the object of. */
  offer: JsonLdNode | null;
  /** The address of the page or the list's entry that it stands in, where that states one. */
  address: string | null;
  /** It stands in nothing but a block, a graph or a page. */
  top: boolean;
}

const MOST_NODES = 20_000;
/** What stands under these is listed, related or spoken of. */
const LISTS = new Set([
  "itemListElement",
  "isRelatedTo",
  "isSimilarTo",
  "itemOffered[]",
  "hasOfferCatalog",
  "makesOffer",
  "relatedLink",
  "significantLink",
  "mentions",
  "about",
  "itemReviewed",
  "subjectOf",
  "isVariantOf",
  "hasVariant",
  "isAccessoryOrSparePartFor",
  "isConsumableFor",
  "associatedMedia",
  "workExample",
  "hasPart",
  "review",
  "owns",
]);
const PAGES = new Set(["webpage", "itempage"]);
/** What stands for one thing and may state its address. */
const HOLDERS = new Set([...PAGES, "listitem", "offer"]);

interface Place extends Omit<PlacedNode, "node" | "types"> {
  value: Json;
}

/**
 * All typed nodes of a page's linked data, however deep, without recursion.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const [car] = placedNodes([{ "@graph": [{ "@type": "https://schema.org/Car", name: "M5" }] }]);
 * assert.deepEqual([car?.types, car?.listed], [["car"], false]);
 * ```
 */
export function placedNodes(blocks: readonly Json[]): PlacedNode[] {
  const found: PlacedNode[] = [];
  const open: Place[] = [];
  for (const value of [...blocks].reverse()) {
    open.push({ value, listed: false, offer: null, address: null, top: true });
  }
  for (let count = 0; open.length > 0 && count < MOST_NODES; count++) {
    const place = open.pop();
    if (place === undefined) break;
    const { value, ...where } = place;
    if (Array.isArray(value)) {
      for (let at = Math.min(value.length, MOST_NODES) - 1; at >= 0; at--) {
        open.push({ value: value[at] ?? null, ...where });
      }
      continue;
    }
    if (!isObject(value)) continue;
    const types = typesOf(value);
    if (types.length > 0) found.push({ node: value, types, ...where });
    for (const key of Object.keys(value).reverse()) {
      const inner = value[key];
      if (typeof inner === "object" && inner !== null) {
        open.push({ value: inner, ...placeUnder(key, value, types, where) });
      }
    }
  }
  return found;
}

/** Where a property's value stands, from where its node stands. */
function placeUnder(
  key: string,
  node: JsonLdNode,
  types: readonly string[],
  where: Omit<Place, "value">,
): Omit<Place, "value"> {
  const ofPage = types.some((type) => PAGES.has(type));
  const holds = types.some((type) => HOLDERS.has(type));
  return {
    // A page of one thing is about that thing; an article only speaks of it.
    listed: where.listed ||
      (LISTS.has(key) && !(key === "about" && (ofPage || types.length === 0))),
    offer: key === "itemOffered" ? node : null,
    address: (holds ? nodeText(node.url) : null) ??
      (types.length === 0 || holds ? where.address : null),
    top: where.top && (key === "@graph" || ofPage),
  };
}

function typesOf(node: JsonLdNode): string[] {
  const type = node["@type"];
  const list = Array.isArray(type) ? type : [type];
  return list.flatMap((one) =>
    typeof one === "string" ? [one.slice(0, 200).split(/[/#:]/).at(-1)?.toLowerCase() ?? ""] : []
  );
}

/** Words that a site's software writes where it has no value. */
const NO_VALUE =
  /^(?:n\/?a|none|null|undefined|unknown|not (?:specified|available|provided|listed)|unspecified|other|tbd|call|-+|\.+|\?+|0|nan|\[object object\])$/i;

/**
 * A property as text: a string, a number, or the name of the thing it is; `null` when empty.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(nodeText({ "@type": "Brand", name: "Honda" }), "Honda");
 * assert.equal(nodeText("N/A"), null);
 * ```
 */
export function nodeText(value: Json | undefined): string | null {
  let inner = value;
  for (let depth = 0; depth < 5; depth++) {
    if (Array.isArray(inner)) inner = inner[0];
    else if (isObject(inner)) inner = inner.name ?? inner["@value"] ?? inner.value ?? null;
    else break;
  }
  if (typeof inner === "number" && Number.isFinite(inner)) return String(inner);
  if (typeof inner !== "string") return null;
  const text = decodeEntities(inner).replace(/\s+/g, " ").trim();
  return text === "" || NO_VALUE.test(text) || text.includes("[object Object]") ? null : text;
}

/** A property as a list of nodes or strings: one value counts as a list of one. */
export function nodeList(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}
