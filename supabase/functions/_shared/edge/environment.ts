import { z } from "zod";

const keyRing = z.record(z.string(), z.string());

function keysOf(value: string | undefined, name: string): string[] {
  if (value === undefined || value.trim() === "") return [];
  try {
    return Object.values(keyRing.parse(JSON.parse(value)));
  } catch (error) {
    throw new Error(`${name} is not a JSON object of names and keys`, { cause: error });
  }
}

/** What a function knows of the project that it runs in. */
export interface Environment {
  supabaseUrl: string;
  /** The key that the function itself uses. */
  serviceKey: string;
  /** Every key that opens the functions: the secret keys, and the legacy service-role JWT. */
  acceptedKeys: readonly string[];
  /** The value of another variable, or undefined when it is unset or empty. */
  get(name: string): string | undefined;
}

/**
 * Reads the variables that Supabase sets for every function.
 * @throws Error that names the variable when one is missing or malformed.
 */
export function readEnvironment(get: (name: string) => string | undefined): Environment {
  const supabaseUrl = get("SUPABASE_URL");
  if (!supabaseUrl) throw new Error("SUPABASE_URL is not set: is this an edge function?");
  const secrets = keysOf(get("SUPABASE_SECRET_KEYS"), "SUPABASE_SECRET_KEYS");
  const legacy = get("SUPABASE_SERVICE_ROLE_KEY");
  const acceptedKeys = [...secrets, ...(legacy ? [legacy] : [])];
  const serviceKey = acceptedKeys[0];
  if (serviceKey === undefined) {
    throw new Error("neither SUPABASE_SECRET_KEYS nor SUPABASE_SERVICE_ROLE_KEY is set");
  }
  return { supabaseUrl, serviceKey, acceptedKeys, get: (name) => get(name) || undefined };
}
