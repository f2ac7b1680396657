/** What a benchmark gives: figures, each beside a baseline of the same run. */

/** Where the figures of one run come from and how large it is. */
export interface Bench {
  /** Smaller sizes, for a look. */
  quick: boolean;
  /** Also print the plans of the hot queries. */
  explain: boolean;
  /** Of what is drawn by chance, where a figure draws; each has its own when none is given. */
  seed?: string;
  /** Tells a person what is going on (standard error). */
  say(message: string): void;
}

type Unit = "ms" | "s" | "MB" | "per s" | "";

/** One line of the table. */
export interface Row {
  /** What was measured, in words. */
  what: string;
  value: number;
  unit: Unit;
  /** Which way is better. */
  better: "less" | "more";
  /** What it is held against, measured in the same run; null where there is nothing of the kind. */
  baseline: { name: string; value: number } | null;
  /** What it should reach: "under 1000 ms". */
  aim?: string;
  /** What it has to be; anything else is a failure of the whole (exit code 1). */
  must?: number;
  /** How it was measured, where that is not plain. */
  note?: string;
}

/** One benchmark; `--only` names it. */
export interface Figure {
  name: string;
  about: string;
  /** Left out when no figure is named: it takes as long as all others together. */
  onlyWhenNamed?: true;
  /** Gives no rows when it cannot be measured here, and says why. */
  run(bench: Bench): Promise<Row[]>;
}

/** How many times better than its baseline a row is; null without one. */
export function timesBetter(row: Row): number | null {
  if (row.baseline === null) return null;
  const [better, worse] = row.better === "less"
    ? [row.value, row.baseline.value]
    : [row.baseline.value, row.value];
  return better === 0 ? null : worse / better;
}
