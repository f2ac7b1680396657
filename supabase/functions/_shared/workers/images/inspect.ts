import { hex } from "../../domain/hash.ts";
import { avif } from "./formats/avif.ts";
import type { ImageFormat, Size } from "./formats/format.ts";
import { gif } from "./formats/gif.ts";
import { jpeg } from "./formats/jpeg.ts";
import { png } from "./formats/png.ts";
import { webp } from "./formats/webp.ts";

const FORMATS: readonly ImageFormat[] = [jpeg, png, webp, gif, avif];

/** A side shorter than this is an icon, a spacer or a tracking pixel, not a photo. In pixels. */
const MIN_SIDE = 50;

type Inspected =
  | ({ ok: true; mime: string; extension: string } & Size)
  | { ok: false; why: string };

/** What bytes that are no image look like, for a person. */
function lookLike(bytes: Uint8Array): string {
  if (bytes.length === 0) return "an empty file";
  const start = new TextDecoder().decode(bytes.subarray(0, 512)).replace(/^\ufeff/, "").trimStart();
  if (/^<svg|^<\?xml[^>]*>\s*(<!--[^]*?-->\s*)?(<!doctype svg[^>]*>\s*)?<svg/i.test(start)) {
    return "an SVG drawing";
  }
  if (/^<(!doctype html|html|head|body|script|!--)/i.test(start)) return "an HTML page";
  if (start.startsWith("<?xml")) return "XML";
  if (start.startsWith("%PDF")) return "a PDF";
  if (/^[[{"]/.test(start)) return "JSON";
  return `a file that begins ${hex(bytes.subarray(0, 8)).match(/../g)?.join(" ")}`;
}

/**
 * Whether bytes are a photo that can be kept: a known format by its own bytes (what the site says
 * of its type counts for nothing), a size in its header, and not a tracking pixel. Never throws.
 */
export function inspectImage(bytes: Uint8Array): Inspected {
  const format = FORMATS.find((one) => one.matches(bytes));
  if (format === undefined) return { ok: false, why: `not an image: ${lookLike(bytes)}` };
  const size = format.size(bytes);
  if (size === null) {
    return { ok: false, why: `a damaged image: no size in its ${format.mime} header` };
  }
  if (Math.min(size.width, size.height) < MIN_SIDE) {
    return { ok: false, why: `too small for a photo: ${size.width}×${size.height} pixels` };
  }
  return { ok: true, mime: format.mime, extension: format.extension, ...size };
}
