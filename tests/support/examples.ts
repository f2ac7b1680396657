/** The examples in doc comments, which `deno test --doc` runs: blocks that begin with "```ts". */

interface Example {
  /** Line of the file, from 1. */
  line: number;
  /** What stands behind the backticks that open it. */
  info: string;
}

const code = /^(ts|js|typescript|javascript|tsx|jsx)\b/;

/** The blocks of code in the doc comments of a file; those of another language (`sql`, `json`) are none. */
export function examplesIn(text: string): Example[] {
  return [...text.matchAll(/^ *\* ```([^\n]*)\n[\s\S]*?^ *\* ```$/gm)]
    .map((match) => ({
      line: text.slice(0, match.index).split("\n").length,
      info: (match[1] ?? "").trim(),
    }))
    .filter(({ info }) => info === "" || code.test(info));
}

/** Whether Deno runs it: a block without its language, or with `ignore` behind it, is passed over without a word. */
export function isRun(example: Example): boolean {
  return example.info === "ts";
}
