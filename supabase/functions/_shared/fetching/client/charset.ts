/** How far into a page a `meta` charset is looked for, in bytes (HTML standard, "prescan"). */
const PRESCAN = 1024;

/**
 * Decodes a page's bytes: by its byte-order mark, else the charset of its `Content-Type`, else of its
 * `meta`, else UTF-8 (the order of the Encoding and HTML standards). A label that nobody knows is
 * passed over. Where UTF-8 is claimed and nothing but broken bytes stands outside ASCII, the page is
 * Windows-1252 and is read so. Never throws.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const bytes = (code: number[]) => new Uint8Array([...code, 0x21]);
 * assert.equal(decodeText(bytes([0xc3, 0xa9]), "text/html; charset=utf-8"), "é!");
 * assert.equal(decodeText(bytes([0xe9]), "text/html; charset=iso-8859-1"), "é!");
 * assert.equal(decodeText(bytes([0xe9]), "text/html"), "é!", "no charset, and no UTF-8: Windows-1252");
 * ```
 */
export function decodeText(bytes: Uint8Array, contentType: string): string {
  const marked = byteOrderMark(bytes);
  const label = marked ?? known(charsetOf(contentType)) ?? known(metaCharset(bytes)) ?? "utf-8";
  const text = new TextDecoder(label).decode(bytes);
  if (marked === null && label === "utf-8" && text.includes("\ufffd") && isAsciiBut(text)) {
    return new TextDecoder("windows-1252").decode(bytes);
  }
  return text;
}

/**
 * The `charset` parameter of a media type, or null.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(charsetOf('text/html; charset="ISO-8859-1"'), "ISO-8859-1");
 * assert.equal(charsetOf("text/html"), null);
 * ```
 */
export function charsetOf(contentType: string): string | null {
  const match = /;\s*charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;]+))/i.exec(contentType);
  return match === null ? null : match[1] ?? match[2] ?? match[3] ?? null;
}

/**
 * The media type without its parameters, lower case; `""` when there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(mediaType("Text/HTML; charset=utf-8"), "text/html");
 * ```
 */
export function mediaType(contentType: string): string {
  return (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
}

function byteOrderMark(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return null;
}

function metaCharset(bytes: Uint8Array): string | null {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, PRESCAN));
  const match = /<meta[^>]+charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(head);
  const label = match?.[1] ?? null;
  // A meta that can be read byte by byte cannot be in UTF-16: the standard takes it for UTF-8.
  return label !== null && /^utf-?16/i.test(label) ? "utf-8" : label;
}

/** The decoder's name for a label, or null when no decoder has it. */
function known(label: string | null): string | null {
  if (label === null) return null;
  try {
    return new TextDecoder(label.trim()).encoding;
  } catch {
    return null;
  }
}

/** Whether the replacement mark is all that stands outside ASCII. */
function isAsciiBut(text: string): boolean {
  // deno-lint-ignore no-control-regex -- ASCII is what is meant
  return !/[^\x00-\x7f\ufffd]/.test(text);
}
