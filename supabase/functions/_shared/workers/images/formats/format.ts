/** Width and height in pixels. */
export interface Size {
  width: number;
  height: number;
}

/**
 * One image format: told by its first bytes, measured by its header. Bytes come from strangers:
 * neither function throws on any input, and both look at each byte at most once.
 */
export interface ImageFormat {
  readonly mime: string;
  /** Ending of the stored file, without dot. */
  readonly extension: string;
  /** Whether the bytes begin as this format does. */
  matches(bytes: Uint8Array): boolean;
  /** The size that the header states; null when there is none that can be read. */
  size(bytes: Uint8Array): Size | null;
}

/** Whether ASCII text stands at a place. */
export function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** Reads numbers of a header; a place beyond the end gives NaN, which makes a size unreadable. */
export class Header {
  constructor(readonly bytes: Uint8Array) {}
  #byte(at: number): number {
    return this.bytes[at] ?? NaN;
  }
  u8(at: number): number {
    return this.#byte(at);
  }
  u16be(at: number): number {
    return this.#byte(at) * 256 + this.#byte(at + 1);
  }
  u16le(at: number): number {
    return this.#byte(at) + this.#byte(at + 1) * 256;
  }
  u24le(at: number): number {
    return this.u16le(at) + this.#byte(at + 2) * 65_536;
  }
  u32be(at: number): number {
    return this.u16be(at) * 65_536 + this.u16be(at + 2);
  }
}

/** No photo is larger on one side; a header that says so is damaged or hostile. */
const MAX_SIDE = 65_535;

/** A size, or null when a side is missing or absurd. */
export function sizeOf(width: number, height: number): Size | null {
  const sane = (side: number) => Number.isInteger(side) && side > 0 && side <= MAX_SIDE;
  return sane(width) && sane(height) ? { width, height } : null;
}
