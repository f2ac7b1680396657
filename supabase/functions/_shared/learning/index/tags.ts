import { afterTag } from "../../html/visible_text.ts";

/** What a page's markup says, in order. */
interface TagHandler {
  /** `attributes` as they are written; `empty` when the tag closes itself. */
  open(name: string, attributes: string, empty: boolean): void;
  close(name: string): void;
  /** Text between two tags, entities as they stand; `""` never. */
  text(raw: string): void;
  /** Whether enough was read. */
  isFull(): boolean;
}

/** What is read of a page; the rest of a larger one is not. */
const LONGEST_PAGE = 8 * 1024 * 1024;
/** A quote that is not closed within this ends with its tag, as if it were none. */
const LONGEST_TAG = 20_000;
const NAME = /[a-zA-Z][a-zA-Z\d:-]{0,30}/y;

/**
 * Reads markup in one pass, without a tree: damaged and deeply nested markup costs the same as any
 * other. Comments, scripts, styles and templates are passed over.
 */
export function readTags(html: string, handler: TagHandler): void {
  const end = Math.min(html.length, LONGEST_PAGE);
  let at = 0;
  while (at < end && !handler.isFull()) {
    const tag = html.indexOf("<", at);
    const stop = tag < 0 || tag > end ? end : tag;
    if (stop > at) handler.text(html.slice(at, stop));
    if (stop === end) return;
    at = readTag(html, stop, end, handler);
  }
}

function readTag(html: string, at: number, end: number, handler: TagHandler): number {
  const closing = html[at + 1] === "/";
  NAME.lastIndex = at + (closing ? 2 : 1);
  const name = NAME.exec(html)?.[0];
  if (name === undefined) {
    if (/[!?/]/.test(html[at + 1] ?? "")) return afterTag(html, at, end);
    // A "<" that opens no tag is text.
    handler.text("<");
    return at + 1;
  }
  const close = tagEnd(html, NAME.lastIndex, end);
  const tag = name.toLowerCase();
  if (closing) {
    handler.close(tag);
    return close + 1;
  }
  const next = afterTag(html, at, end);
  const hidden = next > close + 1 && html.indexOf(">", at) <= close && isPassedOver(tag);
  if (hidden) return next;
  handler.open(tag, html.slice(NAME.lastIndex, close), html[close - 1] === "/");
  return close + 1;
}

function isPassedOver(tag: string): boolean {
  return /^(?:script|style|template|svg|noscript)$/.test(tag);
}

/** Where a tag ends: at the first ">" that stands in no quotes. */
function tagEnd(html: string, from: number, end: number): number {
  const most = Math.min(end, from + LONGEST_TAG);
  const first = html.indexOf(">", from);
  if (first < 0) return end;
  let quote = "";
  for (let at = from; at < most; at++) {
    const character = html[at] ?? "";
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === ">") return at;
    // A quote within a name or behind a value opens nothing.
    else if ((character === '"' || character === "'") && isValueStart(html, at, from)) {
      quote = character;
    }
  }
  return Math.min(first, end);
}

function isValueStart(html: string, at: number, from: number): boolean {
  let before = at - 1;
  while (before >= from && /\s/.test(html[before] ?? "")) before--;
  return html[before] === "=";
}
