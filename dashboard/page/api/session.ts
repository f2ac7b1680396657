/// <reference lib="dom" />
/** Who is signed in. */
import * as z from "zod/mini";
import { client } from "./client.ts";
import { config } from "./config.ts";

const credentials = z.object({ email: z.string(), password: z.string() });

/** The e-mail of the account; null when nobody is signed in. */
export async function signedIn(): Promise<string | null> {
  const { data } = await client.auth.getSession();
  return data.session?.user.email ?? null;
}

/** Calls back whenever somebody signs in or out, in this tab or another. @returns what ends that. */
export function onSession(changed: (email: string | null) => void): () => void {
  const { data } = client.auth.onAuthStateChange((_, session) =>
    changed(session?.user.email ?? null)
  );
  return () => data.subscription.unsubscribe();
}

/** @returns what went wrong, in words; null when it worked. */
export async function signIn(email: string, password: string): Promise<string | null> {
  const { error } = await client.auth.signInWithPassword({ email, password });
  if (error === null) return null;
  if (error.code === "invalid_credentials" || error.status === 400) {
    return "There is no account with this e-mail and password. Whoever administers the project makes accounts and sets passwords (docs/dashboard.md).";
  }
  if (error.status === undefined || error.status === 0 || error.status >= 500) {
    return `${config.url} does not answer. Is the project paused, or the local stack stopped? Then: npx -y deno@2.9.5 task start`;
  }
  return error.message;
}

/** By the account that the server of this page has made on the local stack. */
export async function signInHere(): Promise<string | null> {
  try {
    const response = await fetch("/local/operator", { method: "POST" });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    const { email, password } = credentials.parse(await response.json());
    return await signIn(email, password);
  } catch (error) {
    return `The server of this page could not make an account (${
      error instanceof Error ? error.message : error
    }). Is the stack still up? Then: npx -y deno@2.9.5 task dashboard`;
  }
}

/** Also when the API is down: this browser forgets the session. */
export async function signOut(): Promise<void> {
  await client.auth.signOut({ scope: "local" });
}
