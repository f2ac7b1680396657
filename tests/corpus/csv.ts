export type Row = Record<string, string>;

/** Rows of a CSV file with a header line; quotes as RFC 4180 has them. */
export function readCsv(text: string): Row[] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/g;
  for (
    let match = cell.exec(text);
    match !== null && match.index < text.length;
    match = cell.exec(text)
  ) {
    const [, value = "", end] = match;
    row.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  const [names = [], ...lines] = rows;
  return lines.map((line) => Object.fromEntries(names.map((name, at) => [name, line[at] ?? ""])));
}

/** The listing details of a row of `bat-listings.csv`, in their order, five of them, some empty. */
export function fiveDetails(row: Row): string[] {
  return [1, 2, 3, 4, 5].map((at) => row[`listingDetail${at}`]?.trim() ?? "");
}

/** Random numbers that are the same in each run (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** `count` of the items, each at most once, by a seed; in the order in which they stand. */
export function draw(items: readonly number[], count: number, seed: number): number[] {
  const left = [...items];
  const next = random(seed);
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(next() * (left.length - at));
    [left[at], left[other]] = [left[other] ?? 0, left[at] ?? 0];
  }
  return left.slice(0, count).toSorted((one, two) => one - two);
}
