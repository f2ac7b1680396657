import type { JsonObject } from "../../html/json_region.ts";
import { isObject, parseJson, scriptVariable, textOf } from "../../html/json_region.ts";
import { attribute } from "../../html/regions.ts";

const ADDRESS = /^(https:\/\/images\.craigslist\.org\/)(?:d\/)?([\w-]{5,80}?)_(\d+x\d+c?)\.jpg$/;
/** The size in which posts show their pictures. */
const SHOWN = "600x450";
const LARGEST = "1200x900";

/**
 * A post's pictures, each once, in the largest size that the page says it is kept in: `imageConfig`
 * lists the sizes by the number before the picture's id ("3:00Q0Q_…").
 */
export function picturesOf(html: string, product: JsonObject): string[] {
  const large = largeConfigs(html);
  const listed = scriptVariable(html, "imgList");
  const pictures: { url: string; config: string | null }[] = [];
  if (Array.isArray(listed)) {
    for (const one of listed.slice(0, 200)) {
      if (!isObject(one)) continue;
      const url = textOf(one.url);
      if (url !== null) {
        pictures.push({ url, config: /^(\d+):/.exec(textOf(one.imgid) ?? "")?.[1] ?? null });
      }
    }
  }
  if (pictures.length === 0) {
    const images = Array.isArray(product.image) ? product.image : [product.image ?? null];
    for (const one of images.slice(0, 200)) {
      const url = textOf(one);
      if (url !== null) pictures.push({ url, config: null });
    }
  }
  if (pictures.length === 0) pictures.push(...thumbs(html));
  const found = new Map<string, string>();
  for (const { url, config } of pictures) {
    const parts = ADDRESS.exec(url);
    if (parts === null) continue;
    const [, host, id = ""] = parts;
    const size = large !== null && (config === null ? large.all : large.has.has(config))
      ? LARGEST
      : SHOWN;
    if (!found.has(id)) found.set(id, `${host}${id}_${size}.jpg`);
  }
  return [...found.values()];
}

/** The links under the pictures, where the page has no list for its scripts. */
function thumbs(html: string): { url: string; config: null }[] {
  const found: { url: string; config: null }[] = [];
  const mark = 'class="thumb"';
  for (
    let at = html.indexOf(mark);
    at >= 0 && found.length < 200;
    at = html.indexOf(mark, at + 1)
  ) {
    const url = attribute(html.slice(html.lastIndexOf("<", at), at + 600), "href");
    if (url !== null) found.push({ url, config: null });
  }
  return found;
}

/** Which groups of pictures are kept in the largest size; `null` when the page does not say. */
function largeConfigs(html: string): { has: Set<string>; all: boolean } | null {
  const at = html.indexOf("imageConfig");
  const open = at < 0 ? null : /^imageConfig["']?\s*:\s*/.exec(html.slice(at, at + 40));
  if (open === null) return null;
  const line = html.slice(at + open[0].length, at + 3_000).split("\n", 1)[0] ?? "";
  const value = parseJson(line.replace(/,\s*$/, ""));
  if (!isObject(value)) return null;
  const has = new Set<string>();
  let newer = true;
  for (const [key, config] of Object.entries(value)) {
    const sizes = isObject(config) ? config.sizes : null;
    if (Array.isArray(sizes) && sizes.includes(LARGEST)) has.add(key);
    else if (key !== "0") newer = false;
  }
  return { has, all: newer && has.size > 0 };
}
