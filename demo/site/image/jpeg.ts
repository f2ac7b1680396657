import type { Picture } from "./picture.ts";

/**
 * Baseline JPEG (ITU-T T.81) of pictures made of 8 by 8 blocks of one colour. Such a block has a
 * DC coefficient and nothing else, so the whole encoder is a difference and a Huffman code.
 */

// Table K.3 of T.81: how many DC codes of each length there are; the values are 0 to 11 in order.
const DC_COUNTS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const QUANTUM = 4;

/** Code and length for each DC category, built as annex C says. */
const DC_CODES: { code: number; length: number }[] = [];
{
  let code = 0;
  DC_COUNTS.forEach((count, i) => {
    for (let n = 0; n < count; n++) DC_CODES.push({ code: code++, length: i + 1 });
    code <<= 1;
  });
}

class BitWriter {
  readonly bytes: number[] = [];
  #held = 0;
  #count = 0;
  write(value: number, length: number): void {
    for (let i = length - 1; i >= 0; i--) {
      this.#held = (this.#held << 1) | ((value >> i) & 1);
      if (++this.#count === 8) this.#flush();
    }
  }
  #flush(): void {
    this.bytes.push(this.#held);
    if (this.#held === 0xff) this.bytes.push(0); // byte stuffing, B.1.1.5
    this.#held = 0;
    this.#count = 0;
  }
  /** Fills the last byte with ones. */
  end(): number[] {
    while (this.#count > 0) this.write(1, 1);
    return this.bytes;
  }
}

const segment = (marker: number, data: number[]): number[] => [
  0xff,
  marker,
  (data.length + 2) >> 8,
  (data.length + 2) & 0xff,
  ...data,
];

/** JFIF's colours: https://www.w3.org/Graphics/JPEG/jfif3.pdf, less 128 as the encoder needs them. */
function components(r: number, g: number, b: number): [number, number, number] {
  return [
    0.299 * r + 0.587 * g + 0.114 * b - 128,
    -0.1687 * r - 0.3313 * g + 0.5 * b,
    0.5 * r - 0.4187 * g - 0.0813 * b,
  ];
}

/** A picture as JPEG: every pixel of it becomes a block of 8 by 8. */
export function encodeJpeg(picture: Picture): Uint8Array<ArrayBuffer> {
  const width = picture.width * 8;
  const height = picture.height * 8;
  const bits = new BitWriter();
  const last = [0, 0, 0];
  for (let at = 0; at < picture.rgb.length; at += 3) {
    const [r = 0, g = 0, b = 0] = picture.rgb.subarray(at, at + 3);
    components(r, g, b).forEach((level, c) => {
      // The DC coefficient of a flat block is eight times its level.
      const dc = Math.round((level * 8) / QUANTUM);
      const difference = dc - (last[c] ?? 0);
      last[c] = dc;
      const category = difference === 0 ? 0 : 32 - Math.clz32(Math.abs(difference));
      const { code, length } = DC_CODES[category] ?? { code: 0, length: 0 };
      bits.write(code, length);
      bits.write(difference < 0 ? difference + (1 << category) - 1 : difference, category);
      bits.write(0, 1); // end of block: the only AC code, one zero bit
    });
  }
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff];
  return Uint8Array.from([
    0xff,
    0xd8,
    ...segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...segment(0xdb, [0, ...new Array<number>(64).fill(QUANTUM)]),
    ...segment(0xc0, [8, ...size, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
    ...segment(0xc4, [0x00, ...DC_COUNTS, ...DC_CODES.map((_, i) => i)]),
    ...segment(0xc4, [0x10, 1, ...new Array<number>(15).fill(0), 0]),
    ...segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
    ...bits.end(),
    0xff,
    0xd9,
  ]);
}
