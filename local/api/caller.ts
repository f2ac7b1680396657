/** Who calls: the key and token of a request, made to what the API behind the gateway understands. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { jwtClaims, type Keys } from "./keys.ts";

export interface Caller {
  /** The database role that runs the request. */
  role: string;
  claims: Record<string, unknown>;
}

/** What a known API key stands for; null for an unknown one. */
export function ownerOfKey(key: string, keys: Keys): Caller | null {
  if (key === keys.secret || key === keys.serviceRole) {
    return { role: "service_role", claims: { role: "service_role" } };
  }
  if (key === keys.publishable || key === keys.anon) {
    return { role: "anon", claims: { role: "anon" } };
  }
  return null;
}

/**
 * The API key of a request: the `apikey` header or parameter, or a key that stands in `Authorization: Bearer`
 * alone. Null when there is none.
 */
export function apiKeyOf(request: Request, keys: Keys): string | null {
  const key = request.headers.get("apikey");
  if (key !== null) return key;
  const bearer = bearerOf(request);
  if (bearer !== null && ownerOfKey(bearer, keys) !== null) return bearer;
  const at = request.url.indexOf("?");
  return at < 0 ? null : new URLSearchParams(request.url.slice(at)).get("apikey");
}

function bearerOf(request: Request): string | null {
  const header = request.headers.get("authorization");
  return header !== null && header.startsWith("Bearer ") ? header.slice(7) : null;
}

/**
 * The caller of a request: the user whose token it carries, or else the owner of its key.
 * Null when the key is missing or unknown, or the token is not ours or has run out.
 */
export function callerOf(request: Request, keys: Keys): Caller | null {
  const key = apiKeyOf(request, keys);
  const owner = key === null ? null : ownerOfKey(key, keys);
  if (owner === null) return null;
  const bearer = bearerOf(request);
  if (bearer === null || bearer === key || bearer.startsWith("sb_")) return owner;
  return userOf(bearer, keys.jwtSecret);
}

function userOf(token: string, secret: string): Caller | null {
  const [head, body, signature] = token.split(".");
  if (head === undefined || body === undefined || signature === undefined) return null;
  const right = createHmac("sha256", secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature, "base64url");
  if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
  const claims = jwtClaims(token);
  if (claims === null || (typeof claims.exp === "number" && claims.exp < Date.now() / 1000)) {
    return null;
  }
  return { role: typeof claims.role === "string" ? claims.role : "anon", claims };
}
