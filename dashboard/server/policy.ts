/** What a browser may load and send for the dashboard: its own files, and the API of one project. */
export interface Api {
  /** Of the project: `https://YOUR_PROJECT.supabase.co`, without a slash at the end. */
  url: string;
  /** The publishable key; never a secret one. */
  key: string;
}

/** The Content-Security-Policy: no inline script or style, nothing from elsewhere, no plugin, no form that leaves. */
function contentSecurityPolicy(api: Api): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    `connect-src 'self' ${new URL(api.url).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The policy as a meta element may say it: it cannot forbid framing. */
export const policyForMeta = contentSecurityPolicy;

/** The headers that a host sends with every file of the dashboard. */
export function securityHeaders(api: Api): Record<string, string> {
  return {
    "content-security-policy": `${contentSecurityPolicy(api)}; frame-ancestors 'none'`,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  };
}

/**
 * The project that a browser is to talk to.
 * @throws TypeError when the address is none, or the key is one that no browser may hold.
 */
export function readApi(url: string, key: string): Api {
  let address: URL;
  try {
    address = new URL(url);
  } catch {
    throw new TypeError(`--url is no address: ${url}`);
  }
  if (address.protocol !== "https:" && !isLoopback(address)) {
    throw new TypeError(`--url must be https: passwords go there (${url})`);
  }
  if (isSecret(key)) {
    throw new TypeError(
      "--key is a secret key, which no browser may hold: take the publishable one (Settings → API keys)",
    );
  }
  return { url: address.origin, key };
}

/** Whether an address is this machine's own. */
export function isLoopback(url: URL): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
}

/** A new secret key by its prefix, a legacy one by the role in its token. */
function isSecret(key: string): boolean {
  if (key.startsWith("sb_secret_")) return true;
  const [, payload] = key.split(".");
  if (payload === undefined) return false;
  try {
    return atob(payload.replaceAll("-", "+").replaceAll("_", "/")).includes("service_role");
  } catch {
    return false;
  }
}
