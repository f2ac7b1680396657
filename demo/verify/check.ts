/** Something that must hold after the demo, and whether it does. */
export interface Check {
  name: string;
  /** What was looked at, in numbers: "3,918 values". */
  seen: string;
  /** What is not as it must be, a line each; empty when all is. */
  problems: string[];
}

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
