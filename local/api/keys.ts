/** API keys and tokens of one stack. */
import { Buffer } from "node:buffer";
import { createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";

export interface Keys {
  publishable: string;
  secret: string;
  /** Legacy: the JWT of the role `anon`. */
  anon: string;
  /** Legacy: the JWT of the role `service_role`. */
  serviceRole: string;
  /** Signs the legacy keys and the tokens of users. */
  jwtSecret: string;
}

const tenYears = 10 * 365 * 86_400;

/** The keys kept in a stack's directory, made at its first start. */
export function keysOf(dataDir: string): Keys {
  const path = join(dataDir, "keys.json");
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const keys = newKeys();
  Deno.writeTextFileSync(path, JSON.stringify(keys, null, 2) + "\n", { mode: 0o600 });
  return keys;
}

function newKeys(): Keys {
  const random = () => randomBytes(24).toString("base64url");
  const jwtSecret = random() + random();
  const issued = Math.floor(Date.now() / 1000);
  const legacy = (role: string) =>
    signJwt({ iss: "supabase-local", role, iat: issued, exp: issued + tenYears }, jwtSecret);
  return {
    publishable: `sb_publishable_${random()}`,
    secret: `sb_secret_${random()}`,
    anon: legacy("anon"),
    serviceRole: legacy("service_role"),
    jwtSecret,
  };
}

/** A JSON Web Token signed with HS256. */
export function signJwt(claims: Record<string, unknown>, secret: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
}

/** The claims of a token that nobody checked; null when it is none. */
export function jwtClaims(token: string): Record<string, unknown> | null {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  } catch {
    return null;
  }
}
