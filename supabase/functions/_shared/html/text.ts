import { tidy } from "../domain/text.ts";
import { decodeEntities } from "./entities.ts";

/** Elements that end a line of text. */
const LINE = "br|p|div|li|ul|ol|tr|table|h[1-6]|dd|dt|section|article|blockquote|figure";
const LINE_TAG = new RegExp(`</?(?:${LINE})(?=[\\s/>])[^<>]{0,5000}>`, "gi");
const NOT_TEXT = /<(script|style|noscript|iframe|svg|button|template)\b[\s\S]*?(?:<\/\1\s*>|$)/gi;

/**
 * A fragment of markup as one line of text: tags dropped, entities decoded, spaces collapsed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(oneLine("<b>13k</b>\n Miles&nbsp;<script>x</script> Shown"), "13k Miles Shown");
 * ```
 */
export function oneLine(fragment: string): string {
  if (!fragment.includes("<")) return tidy(decodeEntities(fragment));
  const bare = fragment.replace(NOT_TEXT, " ").replace(/<!--[\s\S]*?(?:-->|$)/g, " ");
  return tidy(decodeEntities(bare.replace(/<[^>]*>?/g, " ")));
}

/**
 * The first whole number that a fragment shows ("64 Comments", "6,993 views"); `null` when there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(countIn("<b>6,993</b> views"), 6_993);
 * ```
 */
export function countIn(fragment: string): number | null {
  const digits = /\d{1,3}(?:,\d{3})+|\d{1,9}/.exec(oneLine(fragment))?.[0];
  return digits === undefined ? null : Number(digits.replaceAll(",", ""));
}

/**
 * A fragment of markup as paragraphs with an empty line between them; inline tags leave no gap.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(paragraphs("<p>One l<i>in</i>e.</p><p>Two.<br>Three</p>"), "One line.\n\nTwo.\n\nThree");
 * ```
 */
export function paragraphs(fragment: string): string {
  const bare = fragment.replace(NOT_TEXT, "").replace(/<!--[\s\S]*?(?:-->|$)/g, "");
  // Line breaks of the markup are spaces to its reader.
  const lines = bare.replace(/\s+/g, " ").replace(LINE_TAG, "\n").replace(/<[^>]*>?/g, "").split(
    "\n",
  );
  return lines.map((line) => tidy(decodeEntities(line))).filter((line) => line !== "").join("\n\n");
}
