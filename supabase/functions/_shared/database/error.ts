/** The database or its API refused something, or did not answer. */
export class DatabaseError extends Error {
  constructor(
    what: string,
    detail: {
      message: string;
      code?: string | null;
      details?: string | null;
      hint?: string | null;
    },
    readonly status: number,
  ) {
    super(
      [`${what}: ${detail.message}`, detail.details, detail.hint].filter(Boolean).join(" – "),
    );
    this.name = "DatabaseError";
    this.code = detail.code ?? null;
  }
  /** SQLSTATE, or PostgREST's own code. */
  readonly code: string | null;
  /** Whether the same call may work a moment later. */
  get unavailable(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504 ||
      /^(08|53|57P)/.test(this.code ?? "");
  }
}

interface Answer {
  data: unknown;
  status: number;
  error: { message: string; code?: string; details?: string | null; hint?: string | null } | null;
}

/**
 * The data of an answer of supabase-js.
 * @throws DatabaseError that says what was tried.
 */
export function unwrap(what: string, answer: Answer): unknown {
  if (answer.error !== null) throw new DatabaseError(what, answer.error, answer.status);
  return answer.data;
}
