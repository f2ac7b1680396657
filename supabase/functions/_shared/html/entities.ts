import { decodeHTMLStrict } from "entities/decode";

/** Blanks that differ in width only, and the mark where a word may be parted: a space, and nothing. */
const BLANKS: Readonly<Record<string, string>> = {
  "&nbsp;": " ",
  "&ensp;": " ",
  "&emsp;": " ",
  "&thinsp;": " ",
  "&shy;": "",
};
const REFERENCE = /&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z][a-zA-Z\d]{1,31});/g;

/**
 * Decodes HTML character references once, by name and by number. A name that HTML does not know is
 * left as it stands; a number that is no character's goes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(decodeEntities("15&Prime; &#8220;Fuchs&#x201d; &amp;amp;"), "15″ “Fuchs” &amp;");
 * ```
 */
export function decodeEntities(text: string): string {
  return text.includes("&") ? text.replace(REFERENCE, decoded) : text;
}

function decoded(reference: string): string {
  return BLANKS[reference] ?? decodeHTMLStrict(reference).replace("\ufffd", "");
}
