import { attributeIn } from "../../html/regions.ts";

/** An open element while its page is read. */
export interface OpenElement {
  tag: string;
  /** Its number among the elements that are kept. */
  id: number;
  hidden: boolean;
}

export const VOID: ReadonlySet<string> = new Set(
  "meta link img input br hr source area base col embed wbr param track".split(" "),
);
const INLINE: ReadonlySet<string> = new Set(
  "a abbr b bdi bdo big cite code data del em font i ins label mark meter q s samp small span strike strong sub sup time tt u var wbr img"
    .split(" "),
);
/** An element that ends when another of its kind begins, and where the search for it ends. */
const IMPLIED: Readonly<Record<string, { ends: string; within: string }>> = {
  li: { ends: "li", within: "ul ol menu" },
  dt: { ends: "dt dd", within: "dl" },
  dd: { ends: "dt dd", within: "dl" },
  tr: { ends: "tr td th", within: "table tbody thead tfoot" },
  td: { ends: "td th", within: "tr table" },
  th: { ends: "td th", within: "tr table" },
  option: { ends: "option", within: "select" },
};
/** What nobody sees, or what is there to be chosen from. */
const UNSEEN = /^(?:select|option|datalist|textarea|iframe|object|canvas|head)$/;
const HIDDEN_STYLE = /display\s*:\s*none|visibility\s*:\s*hidden/i;
const HIDDEN_CLASS = /^(?:hidden|hide|d-none|is-hidden|display-none|invisible)$/;
const MOST_CLASSES = 8;
const LONGEST_NAME = 60;

/** Whether an element's text stands in the same line as what is around it. */
export function isInline(tag: string): boolean {
  return INLINE.has(tag);
}

/** How many of the open elements a tag that opens ends by implication. */
export function impliedEnds(stack: readonly OpenElement[], tag: string): number {
  const rule = IMPLIED[tag];
  if (rule === undefined) return stack.at(-1)?.tag === "p" && !isInline(tag) ? 1 : 0;
  const [ends, within] = [rule.ends.split(" "), rule.within.split(" ")];
  let depth = 0;
  for (let back = 1; back <= Math.min(stack.length, 12); back++) {
    const open = stack[stack.length - back]?.tag ?? "";
    if (within.includes(open)) break;
    if (ends.includes(open)) depth = back;
  }
  return depth;
}

/** Whether an element is not shown, by itself. */
export function isHidden(tag: string, attributes: string, classes: readonly string[]): boolean {
  // The title of a page is read, though nobody sees it on the page.
  if (UNSEEN.test(tag)) return tag !== "head";
  if (attributes === "") return false;
  if (/(?:^|\s)hidden(?=[\s=/]|$)/i.test(attributes.replace(/"[^"]*"|'[^']*'/g, '""'))) return true;
  if (classes.some((one) => HIDDEN_CLASS.test(one))) return true;
  return attributes.includes("style") && HIDDEN_STYLE.test(attributeIn(attributes, "style") ?? "");
}

/** The classes of an element, at most eight. */
export function classesOf(attributes: string): string[] {
  if (!/class/i.test(attributes)) return [];
  const classes = (attributeIn(attributes, "class") ?? "").split(/\s+/);
  return classes.filter((one) => one !== "" && one.length <= LONGEST_NAME).slice(0, MOST_CLASSES);
}

/** The names that an element has, as rules name them: `#id`, `.class`, `itemprop=name`, `<h1>`. */
export function namesOf(tag: string, attributes: string, classes: readonly string[]): string[] {
  const names: string[] = [];
  if (/^(?:h1|title|address|time)$/.test(tag)) names.push(`<${tag}>`);
  if (attributes === "") return names;
  const id = /id/i.test(attributes) ? attributeIn(attributes, "id") : null;
  if (id !== null && id !== "" && id.length <= LONGEST_NAME) names.push(`#${id}`);
  const property = /itemprop/i.test(attributes) ? attributeIn(attributes, "itemprop") : null;
  for (const one of (property ?? "").split(/\s+/).slice(0, 3)) {
    if (one !== "") names.push(`itemprop=${one}`);
  }
  names.push(...classes.map((one) => `.${one}`));
  return names;
}
