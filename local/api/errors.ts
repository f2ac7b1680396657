/** How PostgREST answers an error of Postgres. */

interface DatabaseError {
  code: string;
  message: string;
  detail?: string;
  hint?: string;
}

export function isDatabaseError(error: unknown): error is DatabaseError & Error {
  return error instanceof Error && "code" in error && typeof error.code === "string" &&
    /^[0-9A-Z]{5}$/.test(error.code);
}

/**
 * The HTTP status for an SQLSTATE.
 * Source: https://docs.postgrest.org/en/stable/references/errors.html#status-codes
 * @param anonymous what is forbidden is 401 for the role `anon`, 403 for others
 */
export function statusOf(code: string, anonymous: boolean): number {
  const custom = /^PT([1-5]\d\d)$/.exec(code);
  if (custom !== null) return Number(custom[1]);
  const exact: Record<string, number> = {
    "23503": 409,
    "23505": 409,
    "25006": 405,
    "42883": 404,
    "42P01": 404,
    "42P17": 500,
    "42501": anonymous ? 401 : 403,
    "P0001": 400,
    "57P01": 503,
  };
  const byClass: Record<string, number> = {
    "08": 503,
    "09": 500,
    "0L": 403,
    "0P": 403,
    "25": 500,
    "28": 403,
    "2D": 500,
    "38": 500,
    "39": 500,
    "3B": 500,
    "40": 500,
    "53": 503,
    "54": 500,
    "55": 500,
    "57": 500,
    "58": 500,
    "F0": 500,
    "HV": 500,
    "P0": 500,
    "XX": 500,
  };
  return exact[code] ?? byClass[code.slice(0, 2)] ?? 400;
}

/** The body that PostgREST sends. */
export function errorBody(error: DatabaseError) {
  return {
    code: error.code,
    details: error.detail ?? null,
    hint: error.hint ?? null,
    message: error.message,
  };
}
