import { elementAt, isClosed } from "./regions.ts";
import { oneLine } from "./text.ts";

/** A value of a list of definitions, as text and as the markup it stood in. */
interface LabelledValue {
  text: string;
  markup: string;
}

const MOST_PAIRS = 200;
const TERM = /<dt(?=[\s/>])/gi;
const VALUE = /<dd(?=[\s/>])/gi;

/**
 * The pairs of a `<dl>`: label in lower case without its colon → value. What buttons say is no
 * part of a value. A label's first value wins; a pair that is cut off or empty is left out.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const pairs = labelledList("<dl><dt>Exterior Color:</dt><dd>Laguna <b>Blue</b></dd></dl>");
 * assert.equal(pairs.get("exterior color")?.text, "Laguna Blue");
 * ```
 */
export function labelledList(fragment: string): Map<string, LabelledValue> {
  const pairs = new Map<string, LabelledValue>();
  let at = 0;
  for (let count = 0; count < MOST_PAIRS; count++) {
    const term = next(TERM, fragment, at);
    if (term < 0) break;
    const label = elementAt(fragment, term, 2_000);
    at = term + Math.max(label.length, 1);
    const value = next(VALUE, fragment, at);
    const following = next(TERM, fragment, at);
    if (!isClosed(label) || value < 0 || (following >= 0 && following < value)) continue;
    const markup = elementAt(fragment, value, 50_000);
    at = value + Math.max(markup.length, 1);
    const name = oneLine(label).toLowerCase().replace(/\s*:$/, "");
    const text = oneLine(markup);
    if (isClosed(markup) && name !== "" && text !== "" && !pairs.has(name)) {
      pairs.set(name, { text, markup });
    }
  }
  return pairs;
}

function next(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}
