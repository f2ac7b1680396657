import { hasText, Header, type ImageFormat, type Size, sizeOf } from "./format.ts";

function frameSize(bytes: Uint8Array): Size | null {
  const header = new Header(bytes);
  if (hasText(bytes, 12, "VP8X")) {
    return sizeOf(header.u24le(24) + 1, header.u24le(27) + 1);
  }
  if (hasText(bytes, 12, "VP8L") && header.u8(20) === 0x2f) {
    // 14 bits of width less one, then 14 bits of height less one.
    const low = header.u16le(21);
    const high = header.u16le(23);
    return sizeOf((low & 0x3fff) + 1, ((low >> 14) | ((high & 0x0fff) << 2)) + 1);
  }
  if (hasText(bytes, 12, "VP8 ") && hasText(bytes, 23, "\x9d\x01\x2a")) {
    return sizeOf(header.u16le(26) & 0x3fff, header.u16le(28) & 0x3fff);
  }
  return null;
}

/** WebP: RFC 9649. */
export const webp: ImageFormat = {
  mime: "image/webp",
  extension: "webp",
  matches: (bytes) => hasText(bytes, 0, "RIFF") && hasText(bytes, 8, "WEBP"),
  size: frameSize,
};
