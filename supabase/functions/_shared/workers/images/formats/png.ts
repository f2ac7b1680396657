import { hasText, Header, type ImageFormat, sizeOf } from "./format.ts";

/** PNG: https://www.w3.org/TR/png-3/, "PNG signature" and "IHDR". */
export const png: ImageFormat = {
  mime: "image/png",
  extension: "png",
  matches: (bytes) => bytes[0] === 0x89 && hasText(bytes, 1, "PNG\r\n\x1a\n"),
  size: (bytes) => {
    const header = new Header(bytes);
    return hasText(bytes, 12, "IHDR") ? sizeOf(header.u32be(16), header.u32be(20)) : null;
  },
};
