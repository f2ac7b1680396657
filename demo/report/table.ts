/** Columns side by side; those in `right` are aligned to their right edge. Two spaces before each line. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length));
  }
  return rows.map((row) =>
    `  ${
      row.map((cell, i) =>
        right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)
      ).join("   ")
    }`.trimEnd()
  ).join("\n");
}

/** A bar of at most `width` blocks for a share from 0 to 1; never empty for more than nothing. */
export function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return "█".repeat(share > 0 ? Math.max(1, full) : 0);
}

const UNITS: readonly [string, number][] = [["day", 86_400], ["h", 3600], ["min", 60], ["s", 1]];

/** 93784 as "1 day 2 h": the two largest units, rounded down. */
export function span(seconds: number): string {
  let rest = Math.floor(seconds);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) parts.push(`${count} ${unit}${unit === "day" && count > 1 ? "s" : ""}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}
