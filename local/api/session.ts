/** The settings that PostgREST gives each transaction. */
import type { Caller } from "./caller.ts";

/** One statement, so that it costs one round trip; parameters as `sessionValues` gives them. */
export const sessionSql = `select set_config('search_path', 'public, extensions', true),
  set_config('statement_timeout', $1, true), set_config('role', $2, true),
  set_config('request.jwt.claims', $3, true), set_config('request.jwt.claim.sub', $4, true),
  set_config('request.jwt.claim.role', $2, true), set_config('request.method', $5, true),
  set_config('request.path', $6, true), set_config('request.headers', $7, true),
  set_config('storage.operation', $8, true)`;

/** The same with the values written in. @throws when one holds a zero byte, which no text of Postgres can */
export function sessionText(values: string[]): string {
  return sessionSql.replace(/\$(\d)/g, (_, place) => literal(values[Number(place) - 1] ?? ""));
}

/** A quoted text. @throws when it holds a zero byte */
export function literal(text: string): string {
  if (text.includes("\0")) throw new TypeError("a text may not hold a zero byte");
  return `'${text.replaceAll("'", "''")}'`;
}

/** As hosted: 3 s for anon, 8 s for everybody else who comes through the API. */
export function sessionValues(
  caller: Caller,
  request: {
    method?: string;
    path?: string;
    headers?: Record<string, string>;
    operation?: string;
  } = {},
): string[] {
  const { sub } = caller.claims;
  return [
    caller.role === "anon" ? "3s" : "8s",
    caller.role,
    JSON.stringify(caller.claims),
    typeof sub === "string" ? sub : "",
    request.method ?? "",
    request.path ?? "",
    JSON.stringify(request.headers ?? {}),
    request.operation ?? "",
  ];
}
