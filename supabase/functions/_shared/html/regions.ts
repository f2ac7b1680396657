/**
 * Elements are cut out of a page as text; its tree is not built. Measured in CPU on a busy machine of
 * two cores, Deno 2.9.5, November 2026, on auction pages of 410 to 490 KB: `extract()` takes 1.5 to
 * 3 ms, the tree of cheerio/slim 1.2.0 alone 6.5 to 17 ms, the tokens of htmlparser2 10.1.0 3 to
 * 6 ms. That could be afforded. What cannot, where an edge function has 2 s, are hostile pages:
 * 200,000 nested `<div>` (2.2 MB) cost htmlparser2 10 to 26 s, whose open elements are an array that
 * is shifted at each tag, and `li:nth-child(2)` over 50,000 siblings costs cheerio 3.7 to 5.9 s;
 * `extract()` reads 5 MB of nested `<div>` in 35 to 125 ms.
 */
import { decodeEntities } from "./entities.ts";

/** No region of a page that is read is larger than this; a larger one is cut. */
const LARGEST_REGION = 400_000;

/**
 * The whole element whose opening tag starts at `at`, by counting tags of its name. Damaged markup
 * that never closes it gives what follows up to the limit. `""` when no tag starts there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(elementAt("<p><div>a<div>b</div></div>c", 3), "<div>a<div>b</div></div>");
 * ```
 */
export function elementAt(html: string, at: number, limit = LARGEST_REGION): string {
  const name = /^<([a-zA-Z][a-zA-Z\d-]{0,30})/.exec(html.slice(at, at + 40))?.[1]?.toLowerCase();
  if (name === undefined) return "";
  const end = Math.min(html.length, at + limit);
  const tag = new RegExp(`<(/?)${name}(?=[\\s/>])`, "gi");
  tag.lastIndex = at;
  let depth = 0;
  for (let match = tag.exec(html); match !== null && match.index < end; match = tag.exec(html)) {
    depth += match[1] === "/" ? -1 : 1;
    if (depth > 0) continue;
    const close = html.indexOf(">", match.index);
    return html.slice(at, close < 0 || close > end ? end : close + 1);
  }
  return html.slice(at, end);
}

/**
 * The first element whose opening tag holds `mark` (an attribute as it is written:
 * `class="essentials`), searched from `from`; `""` when there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const html = `<li class="essentials"><b>Lot</b></li><li>other</li>`;
 * assert.equal(elementWith(html, 'class="essentials'), `<li class="essentials"><b>Lot</b></li>`);
 * ```
 */
export function elementWith(html: string, mark: string, from = 0, limit?: number): string {
  let at = html.indexOf(mark, from);
  for (let tries = 0; at >= 0 && tries < 20; tries++, at = html.indexOf(mark, at + mark.length)) {
    const open = html.lastIndexOf("<", at);
    if (open >= 0 && html.lastIndexOf(">", at) < open) return elementAt(html, open, limit);
  }
  return "";
}

/**
 * The same, but only if it is closed: a value that a cut-off page breaks in the middle ("$42,0") is
 * worse than none. `""` otherwise.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(closedElementWith("<td id=sum>$42,000</td>", "id=sum"), "<td id=sum>$42,000</td>");
 * assert.equal(closedElementWith("<td id=sum>$42,0", "id=sum"), "");
 * ```
 */
export function closedElementWith(html: string, mark: string, from = 0, limit?: number): string {
  const element = elementWith(html, mark, from, limit);
  return isClosed(element) ? element : "";
}

/** Whether an element, as `elementAt` gives it, ends with its closing tag. */
export function isClosed(element: string): boolean {
  const name = /^<([a-zA-Z][a-zA-Z\d-]{0,30})/.exec(element)?.[1];
  return name !== undefined && new RegExp(`</${name}\\s*>$`, "i").test(element.slice(-60));
}

/**
 * Each closed element of one name in a fragment, in order, outermost only; at most `most`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(elements("<ul><li>a</li><li>b</ul>", "li"), ["<li>a</li>"]);
 * ```
 */
export function elements(fragment: string, name: string, most = 500): string[] {
  const found: string[] = [];
  const tag = new RegExp(`<${name}(?=[\\s/>])`, "gi");
  for (let match = tag.exec(fragment); match !== null; match = tag.exec(fragment)) {
    const element = elementAt(fragment, match.index);
    if (isClosed(element)) found.push(element);
    if (found.length >= most) break;
    tag.lastIndex = match.index + Math.max(element.length, 1);
  }
  return found;
}

/**
 * The decoded value of an attribute in the opening tag that a fragment starts with.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(attribute(`<a class=x href="/cars?a=1&amp;b=2">`, "href"), "/cars?a=1&b=2");
 * ```
 */
export function attribute(fragment: string, name: string): string | null {
  const end = fragment.indexOf(">");
  const tag = fragment.slice(0, end < 0 ? 4_000 : Math.min(end + 1, 4_000));
  return attributeIn(tag, name);
}

/** The same in the attributes of a tag, with or without the tag around them. */
export function attributeIn(attributes: string, name: string): string | null {
  const value = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, "i");
  const match = value.exec(attributes);
  return match === null ? null : decodeEntities(match[1] ?? match[2] ?? match[3] ?? "");
}
