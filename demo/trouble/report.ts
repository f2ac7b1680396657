import type { Question } from "./questions.ts";

/** What there is to find out, and what does not work. */
export function troubleText(
  { questions, wrong, preparedInMs }: {
    questions: Question[];
    wrong: string[];
    preparedInMs: number;
  },
): string {
  const lines = questions.map(({ asks, answer }) => `  ${asks}\n      ${answer}`);
  const problems = wrong.map((one) => `  ✗ ${one}`);
  return [
    `\nPrepared in ${
      (preparedInMs / 1000).toFixed(0)
    } s. To be found from the dashboard alone, each within half a minute:\n`,
    ...lines,
    ...problems,
    "",
  ].join("\n");
}
