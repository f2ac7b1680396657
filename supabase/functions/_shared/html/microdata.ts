import type { Json } from "./json_region.ts";
import type { JsonLdNode } from "./json_ld.ts";
import { attributeIn, elementAt, isClosed } from "./regions.ts";
import { oneLine } from "./text.ts";

interface OpenScope {
  node: JsonLdNode;
  tag: string;
  /** Open elements of the scope's own name, so that its end is known. */
  depth: number;
}

const MOST_SCOPES = 60;
const MOST_PROPERTIES = 1_000;
const LONGEST_VALUE = 20_000;
const TAG = /<(\/?)([a-zA-Z][a-zA-Z\d-]{0,30})((?:\s[^<>]{0,5000})?)>/g;
const VOID = new Set([
  "meta",
  "link",
  "img",
  "input",
  "br",
  "hr",
  "source",
  "area",
  "base",
  "col",
  "embed",
  "wbr",
]);

/**
 * Microdata of a page in the form of JSON-LD nodes, outermost ones first. Scopes that never close
 * and tags that do not match end with the page; each property is read by itself.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const html = `<div itemscope itemtype="https://schema.org/Car"><b itemprop="color">Red</b></div>`;
 * assert.deepEqual(microdataNodes(html), [{ "@type": ["https://schema.org/Car"], color: "Red" }]);
 * ```
 */
export function microdataNodes(html: string): JsonLdNode[] {
  const first = html.indexOf("itemscope");
  if (first < 0) return [];
  const roots: JsonLdNode[] = [];
  const scopes: OpenScope[] = [];
  let properties = 0;
  const start = Math.max(0, html.lastIndexOf("<", first));
  TAG.lastIndex = start;
  for (let match = TAG.exec(html); match !== null; match = TAG.exec(html)) {
    const tag = (match[2] ?? "").toLowerCase();
    const attributes = match[3] ?? "";
    if (match[1] === "/") {
      closeTag(scopes, tag);
      continue;
    }
    const isScope = /\sitemscope\b/i.test(attributes);
    const names = valueOf(attributes, "itemprop");
    if (names !== null && scopes.length > 0 && properties++ < MOST_PROPERTIES && !isScope) {
      const value = propertyValue(html, match.index, tag, attributes);
      addProperty(scopes.at(-1)?.node, names, value);
    }
    openTag(scopes, tag);
    if (!isScope || scopes.length >= MOST_SCOPES) continue;
    const node: JsonLdNode = {};
    const type = valueOf(attributes, "itemtype");
    if (type !== null) node["@type"] = type.split(/\s+/);
    if (names !== null && scopes.length > 0) addProperty(scopes.at(-1)?.node, names, node);
    else roots.push(node);
    if (!VOID.has(tag)) scopes.push({ node, tag, depth: 1 });
  }
  TAG.lastIndex = 0;
  return roots;
}

function openTag(scopes: readonly OpenScope[], tag: string): void {
  if (VOID.has(tag)) return;
  for (const scope of scopes) if (scope.tag === tag) scope.depth++;
}

function closeTag(scopes: OpenScope[], tag: string): void {
  for (const scope of scopes) if (scope.tag === tag) scope.depth--;
  while (scopes.length > 0 && (scopes.at(-1)?.depth ?? 1) <= 0) scopes.pop();
}

function addProperty(node: JsonLdNode | undefined, names: string, value: Json): void {
  if (node === undefined || value === null || value === "") return;
  for (const name of names.split(/\s+/).slice(0, 5)) {
    const held = node[name];
    if (held === undefined) node[name] = value;
    else if (Array.isArray(held)) held.push(value);
    else node[name] = [held, value];
  }
}

function propertyValue(html: string, at: number, tag: string, attributes: string): string {
  const stated = valueOf(attributes, "content") ??
    (tag === "img" || tag === "source" ? valueOf(attributes, "src") : null) ??
    (tag === "a" || tag === "link" ? valueOf(attributes, "href") : null) ??
    (tag === "time" ? valueOf(attributes, "datetime") : null) ??
    (tag === "meter" || tag === "data" ? valueOf(attributes, "value") : null);
  if (stated !== null || VOID.has(tag)) return stated ?? "";
  const element = elementAt(html, at, LONGEST_VALUE);
  return isClosed(element) ? oneLine(element) : "";
}

function valueOf(attributes: string, name: string): string | null {
  return attributeIn(attributes, name)?.trim() ?? null;
}
