/** A way of spoiling a page: the bytes as a transfer might have left them, decoded. */
type Damage = (bytes: Uint8Array, next: () => number) => string;

const decoder = new TextDecoder();

/** Cut off anywhere. */
const truncated: Damage = (bytes, next) =>
  decoder.decode(bytes.subarray(0, Math.floor(next() * bytes.length)));

/** Single bits turned over, from one to one in two hundred bytes. */
const flipped: Damage = (bytes, next) => {
  const damaged = bytes.slice();
  const flips = 1 + Math.floor(next() * next() * bytes.length / 200);
  for (let flip = 0; flip < flips; flip++) {
    const at = Math.floor(next() * damaged.length);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << Math.floor(next() * 8));
  }
  return decoder.decode(damaged);
};

const CHARSETS = ["windows-1252", "utf-16le", "utf-16be", "shift_jis", "windows-1251", "gb18030"];

/** Read, or written and read, in another charset than its own. */
const reencoded: Damage = (bytes, next) => {
  const charset = CHARSETS[Math.floor(next() * CHARSETS.length)] ?? "windows-1252";
  const text = new TextDecoder(charset).decode(bytes);
  return next() < 0.5 ? text : new TextDecoder(charset).decode(new TextEncoder().encode(text));
};

/** Cut in pieces that are put together in another order. */
const shuffled: Damage = (bytes, next) => {
  const text = decoder.decode(bytes);
  const longest = 2 ** (5 + Math.floor(next() * 12));
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    const length = 1 + Math.floor(next() * longest);
    pieces.push(text.slice(at, at + length));
    at += length;
  }
  for (let at = pieces.length - 1; at > 0; at--) {
    const other = Math.floor(next() * (at + 1));
    [pieces[at], pieces[other]] = [pieces[other] ?? "", pieces[at] ?? ""];
  }
  return pieces.join("");
};

export const DAMAGES: Readonly<Record<string, Damage>> = {
  truncated,
  flipped,
  reencoded,
  shuffled,
};
