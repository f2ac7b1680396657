import { Header, type ImageFormat, type Size, sizeOf } from "./format.ts";

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/** Start-of-frame markers; C4, C8 and CC in between mean other things (ITU-T T.81, table B.1). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Markers without a length behind them: TEM and the restart markers. */
function standsAlone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

function frameSize(bytes: Uint8Array): Size | null {
  const header = new Header(bytes);
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = header.u8(at + 1);
    if (marker === 0xff) {
      at += 1; // fill bytes before a marker
    } else if (standsAlone(marker)) {
      at += 2;
    } else if (marker === START_OF_SCAN || marker === END_OF_IMAGE) {
      return null;
    } else if (isFrame(marker)) {
      return sizeOf(header.u16be(at + 7), header.u16be(at + 5));
    } else {
      const length = header.u16be(at + 2);
      if (length < 2) return null;
      at += 2 + length;
    }
  }
  return null;
}

/** JPEG: ITU-T T.81, annex B. */
export const jpeg: ImageFormat = {
  mime: "image/jpeg",
  extension: "jpg",
  matches: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff,
  size: frameSize,
};
