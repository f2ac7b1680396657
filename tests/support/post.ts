/** Calls functions of a stack with its secret key. */
import type { Stack } from "../../local/stack.ts";

export interface Answer {
  status: number;
  // deno-lint-ignore no-explicit-any -- tests look into answers of every shape
  body: any;
}

/** Calls a function; `body` is sent as it is when it is text. Throws when the answer is no JSON. */
export async function postTo(
  stack: Stack,
  name: string,
  body: unknown = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${stack.url}/functions/v1/${name}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Authorization: `Bearer ${stack.keys.serviceRole}`,
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch (error) {
    throw new Error(`${name} answered ${response.status} with no JSON: ${text}`, { cause: error });
  }
}
