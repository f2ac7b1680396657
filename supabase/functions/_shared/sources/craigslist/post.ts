import {
  bracketsEnd,
  isObject,
  type Json,
  type JsonObject,
  objectOf,
  parseJson,
  textOf,
} from "../../html/json_region.ts";
import { attribute, closedElementWith, elementAt, isClosed } from "../../html/regions.ts";
import { tidy } from "../../domain/text.ts";
import { oneLine, paragraphs } from "../../html/text.ts";

/** The parts of a post's page that say something of the vehicle. */
export interface Post {
  title: string;
  /** As it is written: "$2,000". */
  price: string | null;
  /** What stands in brackets behind the price. */
  place: string | null;
  body: string;
  /** The page ends where a post's page ends: nothing of it was lost on the way. */
  whole: boolean;
  form: Form;
  /** `script#ld_posting_data`: the post as a schema.org Product. */
  product: JsonObject;
  /** What the site itself decoded from the VIN, label by label, lower case. */
  decoded: ReadonlyMap<string, string>;
  /** Year in which it was posted. */
  posted: number | null;
}

/** What the seller chose and typed in the form of the post. */
interface Form {
  year: number | null;
  makeModel: string;
  /** Rows by their label: "odometer" → "231850". */
  rows: ReadonlyMap<string, string>;
  /** Rows without a label: "odometer broken". */
  flags: ReadonlySet<string>;
}

const NEAR = 2_000;

/** Cuts a post's page; `null` when it has no title or no text, so that it is none. */
export function cutPost(html: string): Post | null {
  const titleAt = html.indexOf('id="titletextonly"');
  const title = titleAt < 0 ? "" : oneLine(closedElementWith(html, 'id="titletextonly"'));
  const bodyAt = html.indexOf('id="postingbody"');
  const bodyStart = bodyAt < 0 ? -1 : html.lastIndexOf("<", bodyAt);
  const body = bodyStart < 0 ? "" : elementAt(html, bodyStart);
  if (title === "" || !isClosed(body)) return null;
  const heading = html.slice(titleAt, Math.min(titleAt + NEAR, html.length));
  const bodyEnd = bodyStart + body.length;
  return {
    title,
    price: priceIn(heading),
    place: placeIn(heading),
    body: textOfBody(body),
    whole: /class="postinginfo\b|<\/body>/.test(html.slice(bodyEnd)),
    form: formIn(html, (at) => at >= bodyStart && at < bodyEnd),
    product: productIn(html),
    decoded: decodedIn(html),
    posted: postedIn(html),
  };
}

function priceIn(heading: string): string | null {
  const end = heading.search(/<\/h1>|<section\b/);
  const price = oneLine(
    closedElementWith(heading.slice(0, end < 0 ? undefined : end), 'class="price"'),
  );
  return price === "" ? null : price;
}

function placeIn(heading: string): string | null {
  const end = heading.search(/<\/h1>|<section\b/);
  const within = heading.slice(0, end < 0 ? undefined : end);
  const match = /<(small|span)>\s*\(([^<]{1,120})\)\s*<\/\1>/.exec(within);
  const place = match === null ? "" : oneLine(match[2] ?? "");
  return place === "" ? null : place;
}

/** The seller's text, without what the site puts into it. */
function textOfBody(body: string): string {
  const own = body
    .replace(/<div class="print-information[\s\S]{0,3000}?<\/div>\s*<\/div>/, "")
    .replace(
      /<a\b[^<>]{0,500}>[^<]{0,100}<\/a>/g,
      (link) => link.includes("show-contact") ? "" : link,
    );
  return paragraphs(own).replace(/^QR Code Link to This Post\s*/, "");
}

const MOST_GROUPS = 8;
const MOST_ROWS = 60;

/** Reads the rows of the form; not those that a seller may have typed into the text. */
function formIn(html: string, isOwnText: (at: number) => boolean): Form {
  const rows = new Map<string, string>();
  const flags = new Set<string>();
  let [year, makeModel]: [number | null, string] = [null, ""];
  const mark = 'class="attrgroup"';
  for (
    let at = html.indexOf(mark), group = 0;
    at >= 0 && group < MOST_GROUPS;
    at = html.indexOf(mark, at + mark.length), group++
  ) {
    if (isOwnText(at)) continue;
    const element = elementAt(html, html.lastIndexOf("<", at), 20_000);
    for (const { label, value, name } of rowsOf(element)) {
      if (rows.size + flags.size >= MOST_ROWS) break;
      if (name === "year") year ??= yearOf(value);
      else if (name === "makemodel") makeModel ||= value;
      else if (label !== null) {
        if (value !== "" && !rows.has(label)) rows.set(label, value);
      } else if (group === 0 && makeModel === "" && year === null) {
        year = yearOf(/^\d{4}\b/.exec(value)?.[0] ?? "");
        makeModel = year === null ? value : value.slice(4).trim();
      } else flags.add(value.toLowerCase());
    }
  }
  // The form's year often stands again before the make: "2016 2016 Ram 2500".
  return { year, makeModel: makeModel.replace(new RegExp(`^${year}\\s+`), ""), rows, flags };
}

interface Row {
  label: string | null;
  value: string;
  /** `year` or `makemodel` in the layout of 2026, which names them. */
  name: string | null;
}

/** Rows of both layouts: `<span>VIN: <b>…</b></span>`, and `div.attr` with `span.labl`, `span.valu`. */
function rowsOf(group: string): Row[] {
  const rows: Row[] = [];
  if (/<div\b[^<>]{0,200}\bclass="attr\b/.test(group)) {
    for (const part of group.split(/(?=<div\b[^<>]{0,200}\bclass="attr\b)/).slice(1, MOST_ROWS)) {
      const label = /<span\b[^<>]{0,100}\bclass="labl"[^<>]{0,100}>([^<]{0,100})<\/span>/.exec(part)
        ?.[1];
      for (
        const match of part.matchAll(
          /<(span|a)\b[^<>]{0,500}?\bclass="valu\b([^"]{0,100})"[^<>]{0,500}>([\s\S]{0,1000}?)<\/\1>/g,
        )
      ) {
        const name = (match[2] ?? "").trim();
        rows.push({
          label: label === undefined ? null : labelOf(label),
          value: oneLine(match[3] ?? ""),
          name: name === "" ? null : name,
        });
      }
    }
    return rows;
  }
  for (const match of group.matchAll(/<span\b[^<>]{0,200}>([\s\S]{0,2000}?)<\/span>/g)) {
    const text = oneLine(match[1] ?? "");
    if (text === "") continue;
    const parts = /^([a-zA-Z][a-zA-Z ]{1,30}):\s*(.*)$/.exec(text);
    rows.push(
      parts === null || !/<b>/.test(match[1] ?? "")
        ? { label: null, value: text, name: null }
        : { label: labelOf(parts[1] ?? ""), value: tidy(parts[2] ?? ""), name: null },
    );
  }
  return rows;
}

function labelOf(text: string): string {
  return tidy(text).replace(/:$/, "").toLowerCase();
}

function yearOf(text: string): number | null {
  const year = Number(text);
  return /^\d{4}$/.test(text.trim()) && year >= 1885 && year <= 2100 ? year : null;
}

function productIn(html: string): JsonObject {
  const element = closedElementWith(html, 'id="ld_posting_data"');
  const json = element.slice(element.indexOf(">") + 1, element.lastIndexOf("<"));
  const value = element === "" ? undefined : parseJson(json.trim());
  return objectOf(value);
}

/**
 * The labels and values of `autoVinData`. Its shape was not seen: read are lists of groups with
 * lists of pairs, lists of objects with label and value, and plain objects, at any depth.
 */
function decodedIn(html: string): Map<string, string> {
  const found = new Map<string, string>();
  const at = html.indexOf("autoVinData");
  const open = at < 0 ? null : /^autoVinData["']?\s*[:=]\s*(?=[[{])/.exec(html.slice(at, at + 60));
  if (open === null) return found;
  const start = at + open[0].length;
  const end = bracketsEnd(html, start, 100_000);
  if (end > 0) collect(parseJson(html.slice(start, end)), found, 0);
  return found;
}

function collect(value: Json | undefined, found: Map<string, string>, depth: number): void {
  if (depth > 8 || found.size > 200) return;
  if (Array.isArray(value)) {
    const [first, second] = value;
    const text = second === undefined || value.length !== 2 ? null : textOf(second);
    if (typeof first === "string" && text !== null) note(found, first, text);
    else for (const one of value.slice(0, 200)) collect(one, found, depth + 1);
  } else if (isObject(value)) {
    const label = textOf(value.label) ?? textOf(value.name) ?? textOf(value.key);
    const own = textOf(value.value);
    if (label !== null && own !== null) return note(found, label, own);
    for (const [key, one] of Object.entries(value).slice(0, 200)) {
      const text = textOf(one);
      if (text === null) collect(one, found, depth + 1);
      else note(found, key, text);
    }
  }
}

function note(found: Map<string, string>, label: string, value: string): void {
  const key = label.replace(/([a-z])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " ").toLowerCase().trim();
  if (!found.has(key) && value.trim() !== "" && value.length < 200) found.set(key, tidy(value));
}

function postedIn(html: string): number | null {
  const at = html.indexOf("<time");
  const stamp = at < 0 ? null : attribute(html.slice(at, at + 300), "datetime");
  const year = Number(/^(\d{4})-\d{2}-\d{2}T/.exec(stamp ?? "")?.[1]);
  return year >= 1995 && year <= 2100 ? year : null;
}
