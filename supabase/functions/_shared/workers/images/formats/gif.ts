import { hasText, Header, type ImageFormat, sizeOf } from "./format.ts";

/** GIF: https://www.w3.org/Graphics/GIF/spec-gif89a.txt, "Logical Screen Descriptor". */
export const gif: ImageFormat = {
  mime: "image/gif",
  extension: "gif",
  matches: (bytes) => hasText(bytes, 0, "GIF87a") || hasText(bytes, 0, "GIF89a"),
  size: (bytes) => {
    const header = new Header(bytes);
    return sizeOf(header.u16le(6), header.u16le(8));
  },
};
