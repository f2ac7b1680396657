/** The Test Anything Protocol, as pgTAP writes it. */

interface Tap {
  passed: number;
  /** Each failed test with what it said about itself. */
  failed: string[];
  skipped: string[];
}

/** Reads the lines of one file; a plan that was not kept, or none at all, is a failure too. */
export function readTap(lines: string[]): Tap {
  const tap: Tap = { passed: 0, failed: [], skipped: [] };
  let planned: number | null = null;
  let run = 0;
  let inFailure = false;
  for (const line of lines) {
    const plan = /^1\.\.(\d+)/.exec(line);
    const test = /^(not )?ok\b\s*\d*\s*-?\s*(.*)$/.exec(line);
    if (plan !== null) planned = Number(plan[1]);
    else if (test !== null) {
      run++;
      const [, not, words = ""] = test;
      const excused = /# (skip|todo)/i.test(words);
      inFailure = not !== undefined && !excused;
      if (inFailure) tap.failed.push(line);
      else if (excused) tap.skipped.push(words);
      else tap.passed++;
    } else if (line.startsWith("#") && inFailure) {
      tap.failed[tap.failed.length - 1] += `\n${line}`;
    }
  }
  if (planned === null && tap.failed.length === 0) tap.failed.push("not ok - the file has no plan");
  else if (planned !== null && planned !== run && tap.failed.length === 0) {
    tap.failed.push(`not ok - ${planned} tests were planned, ${run} were run`);
  }
  return tap;
}
