import type { Stack } from "../../local/stack.ts";

/** What a run of micro-scrape-bandaid answers, as far as the demo needs it. */
export interface RunAnswer {
  analyzed: number;
  not_started: unknown[];
}

/** Calls a function as curl would, with the secret key. Throws with the answer when it is no success. */
export async function callFunction<T>(
  stack: Pick<Stack, "url" | "keys">,
  name: string,
  body: unknown,
): Promise<T> {
  const answer = await fetch(`${stack.url}/functions/v1/${name}`, {
    method: "POST",
    headers: { apikey: stack.keys.secret, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${name} answered ${answer.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}
