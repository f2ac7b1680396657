import { hasText, Header, type ImageFormat, type Size, sizeOf } from "./format.ts";

/** Where the content of a box stands. */
interface Box {
  type: string;
  from: number;
  to: number;
}

/** The boxes between two places, in order (ISO/IEC 14496-12, 4.2). Each moves on by at least 8 bytes. */
function* boxes(bytes: Uint8Array, from: number, to: number): Generator<Box> {
  const header = new Header(bytes);
  let at = from;
  while (at + 8 <= to) {
    const size = header.u32be(at);
    // 0 means "to the end"; 1 announces a 64-bit size, which no header box needs.
    const end = size === 0 ? to : at + size;
    if (size !== 0 && size < 8 || end > to) return;
    yield {
      type: String.fromCharCode(...bytes.subarray(at + 4, at + 8)),
      from: at + 8,
      to: end,
    };
    at = end;
  }
}

function find(bytes: Uint8Array, within: { from: number; to: number }, type: string): Box | null {
  for (const box of boxes(bytes, within.from, within.to)) {
    if (box.type === type) return box;
  }
  return null;
}

/** The largest picture in the file: a smaller one beside it is a thumbnail, a tile or a mask. */
function largestSize(bytes: Uint8Array): Size | null {
  const header = new Header(bytes);
  const meta = find(bytes, { from: 0, to: bytes.length }, "meta");
  const properties = meta && find(bytes, { from: meta.from + 4, to: meta.to }, "iprp");
  const container = properties && find(bytes, properties, "ipco");
  if (!container) return null;
  let largest: Size | null = null;
  for (const box of boxes(bytes, container.from, container.to)) {
    if (box.type !== "ispe" || box.to - box.from < 12) continue;
    const size = sizeOf(header.u32be(box.from + 4), header.u32be(box.from + 8));
    if (size && (!largest || size.width * size.height > largest.width * largest.height)) {
      largest = size;
    }
  }
  return largest;
}

function isAvif(bytes: Uint8Array): boolean {
  if (!hasText(bytes, 4, "ftyp")) return false;
  const end = Math.min(new Header(bytes).u32be(0), bytes.length, 128);
  for (let at = 8; at + 4 <= end; at += 4) {
    if (at !== 12 && (hasText(bytes, at, "avif") || hasText(bytes, at, "avis"))) return true;
  }
  return false;
}

/** AVIF: https://aomediacodec.github.io/av1-avif/, in the boxes of ISO/IEC 23008-12 (HEIF). */
export const avif: ImageFormat = {
  mime: "image/avif",
  extension: "avif",
  matches: isAvif,
  size: largestSize,
};
