/** Access tokens as hosted Auth issues them: with the user's `app_metadata` and `user_metadata`. */
import { jwtClaims, type Keys, signJwt } from "./keys.ts";

interface Session {
  access_token?: string;
  user?: { app_metadata?: unknown; user_metadata?: unknown };
}

/** Signs the token of a session anew with the claims that Lite leaves out; other answers pass through. */
export async function completeTokens(response: Response, keys: Keys): Promise<Response> {
  if (!response.ok || !response.headers.get("content-type")?.includes("json")) return response;
  const session: Session = await response.clone().json();
  const claims = session.access_token === undefined ? null : jwtClaims(session.access_token);
  if (claims === null) return response;
  const whole = {
    ...claims,
    app_metadata: session.user?.app_metadata ?? {},
    user_metadata: session.user?.user_metadata ?? {},
    aal: "aal1",
    is_anonymous: false,
  };
  const body = { ...session, access_token: signJwt(whole, keys.jwtSecret) };
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return Response.json(body, { status: response.status, headers });
}
