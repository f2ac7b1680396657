/** Elements whose content a reader of the page never sees. */
const HIDDEN = ["script", "style", "template", "svg", "noscript"] as const;
const INITIALS = new Set(HIDDEN.flatMap(([first]) => [first ?? "", (first ?? "").toUpperCase()]));
const CLOSING = Object.fromEntries(
  HIDDEN.map((name) => [name, new RegExp(`</${name}`, "gi")]),
) as Record<typeof HIDDEN[number], RegExp>;

/**
 * The first `limit` characters of a page's visible text, white space collapsed, entities left as
 * they stand. One pass over the markup, at most `scan` characters of it, and no tree: damaged and
 * deeply nested markup costs the same as any other. For judging a page, not for reading facts.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(visibleText("<style>x</style><p>seen <!-- not --> too</p>", 100), "seen too");
 * ```
 */
export function visibleText(html: string, limit: number, scan = 2_000_000): string {
  const end = Math.min(html.length, scan);
  const parts: string[] = [];
  let kept = 0;
  let at = 0;
  // Behind the last part no space is joined: one more character is needed.
  while (at < end && kept <= limit) {
    const tag = html.indexOf("<", at);
    const stop = tag < 0 || tag > end ? end : tag;
    if (stop > at) {
      const text = html.slice(at, Math.min(stop, at + limit * 4)).replace(/\s+/g, " ").trim();
      if (text !== "") {
        parts.push(text);
        kept += text.length + 1;
      }
    }
    if (stop === end) break;
    at = afterTag(html, stop, end);
  }
  return parts.join(" ").slice(0, limit);
}

/**
 * The pieces of a page's visible text, one for each stretch between two tags, white space collapsed,
 * entities left as they stand; at most `most`, each cut at 300 characters. What a form offers for choice is left
 * out. One pass, as `visibleText`.
 */
export function textPieces(html: string, most: number, scan = 2_000_000): string[] {
  const end = Math.min(html.length, scan);
  const pieces: string[] = [];
  const open = new Set<string>();
  let at = 0;
  while (at < end && pieces.length < most) {
    const tag = html.indexOf("<", at);
    const stop = tag < 0 || tag > end ? end : tag;
    const text = html.slice(at, Math.min(stop, at + 1_200)).replace(/\s+/g, " ").trim();
    if (text !== "") pieces.push(text.slice(0, 300));
    if (stop === end) break;
    const choice = CHOICE.exec(html.slice(stop, stop + 9))?.[1]?.toLowerCase();
    const closes = choice !== undefined && !open.has(choice);
    const close = closes ? html.indexOf(`</${choice}`, stop) : -1;
    // One that is not closed is not looked for again.
    if (closes && close < 0) open.add(choice);
    at = close < 0 ? afterTag(html, stop, end) : behind(html, ">", close, end);
  }
  return pieces;
}

const CHOICE = /^<(select|button)[\s>]/i;

/** Where reading goes on after the tag that starts at `at`: behind hidden content and comments. */
export function afterTag(html: string, at: number, end: number): number {
  if (html.startsWith("<!--", at)) return behind(html, "-->", at + 4, end);
  const close = html.indexOf(">", at);
  if (close < 0) return end;
  // Most tags are none of these, which a look at one letter tells.
  if (!INITIALS.has(html[at + 1] ?? "")) return close + 1;
  const name = html.slice(at + 1, at + 10).toLowerCase();
  for (const hidden of HIDDEN) {
    const next = name[hidden.length];
    if (!name.startsWith(hidden) || (next !== undefined && !/[\s>/]/.test(next))) continue;
    if (html[close - 1] === "/") return close + 1;
    const rest = closingTag(html, hidden, close);
    return rest < 0 ? end : behind(html, ">", rest, end);
  }
  return close + 1;
}

function closingTag(html: string, name: typeof HIDDEN[number], from: number): number {
  const closing = CLOSING[name];
  closing.lastIndex = from;
  return closing.exec(html)?.index ?? -1;
}

function behind(html: string, mark: string, from: number, end: number): number {
  const at = html.indexOf(mark, from);
  return at < 0 ? end : at + mark.length;
}

/** The page's `<title>`, white space collapsed, at most 300 characters; `""` when it has none. */
export function pageTitle(html: string): string {
  const match = /<title[^>]{0,200}>([^<]{0,1000})/i.exec(html.slice(0, 200_000));
  return (match?.[1] ?? "").replace(/\s+/g, " ").trim().slice(0, 300);
}
