/** What steps came to, by name. */
export function statuses(
  steps: Iterable<{ step_name: string; status: string }>,
): Record<string, string> {
  return Object.fromEntries([...steps].map(({ step_name, status }) => [step_name, status]));
}
