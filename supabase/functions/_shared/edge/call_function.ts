import type { CallFunction } from "../workers/pipeline/drain.ts";
import type { Environment } from "./environment.ts";
import { explain } from "./log.ts";

/** A function that is asked to work in the background answers at once; starting it may take seconds. */
const LONGEST_ANSWER_MS = 10_000;

/** Words of an answer that is no success, short enough for a report. */
function wordsOf(text: string): string | null {
  try {
    const { error, message } = JSON.parse(text);
    const words = error ?? message;
    if (typeof words === "string") return words.slice(0, 300);
  } catch { /* not ours, or a gateway's: shown as it is */ }
  return text.trim().slice(0, 300) || null;
}

/**
 * Calls the edge functions of this project over HTTP with the project's own key: it works also
 * where the database has no Vault secrets and no pg_net.
 */
export function callFunction(env: Environment): CallFunction {
  return async (name, body) => {
    try {
      const response = await fetch(`${env.supabaseUrl.replace(/\/+$/, "")}/functions/v1/${name}`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          apikey: env.serviceKey,
          Authorization: `Bearer ${env.serviceKey}`,
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
      });
      const text = await response.text();
      return { status: response.status, message: response.ok ? null : wordsOf(text) };
    } catch (error) {
      return { status: null, message: explain(error) };
    }
  };
}
