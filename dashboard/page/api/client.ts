/// <reference lib="dom" />
import { createClient } from "@supabase/supabase-js";
import { config } from "./config.ts";

/** How long an answer may take: after that the API counts as down. */
const patienceMs = 15_000;

export const client = createClient(config.url, config.key, {
  auth: { detectSessionInUrl: false, storageKey: "vehicle-dashboard" },
  global: { fetch: patientFetch },
});

async function patientFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const late = AbortSignal.timeout(patienceMs);
  const signal = init?.signal ? AbortSignal.any([init.signal, late]) : late;
  const response = await fetch(input, { ...init, signal });
  const { pathname } = new URL(input instanceof Request ? input.url : String(input));
  return pathname === "/auth/v1/token" && response.ok ? await byOurClock(response) : response;
}

/**
 * The moment at which a session ends, which Auth gives by the server's clock, is held against the browser's by
 * supabase-js. Where that is wrong, a new session would count as expired; so only the duration is passed on.
 */
async function byOurClock(response: Response): Promise<Response> {
  const body: unknown = await response.json();
  if (typeof body === "object" && body !== null && "expires_in" in body && "expires_at" in body) {
    delete body.expires_at;
  }
  return Response.json(body, { status: response.status });
}
