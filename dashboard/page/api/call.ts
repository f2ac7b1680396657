/** Calling the database's functions, and what can go wrong in words. */
import * as z from "zod/mini";
import { client } from "./client.ts";

/** What went wrong, and what to do about it. */
export interface Trouble {
  kind: "down" | "session" | "forbidden" | "older" | "shape" | "refused";
  says: string;
  what_to_do: string;
  /** What to type, where that helps. */
  what_to_type: string | null;
}

/** An answer, or why there is none. */
type Answer<T> = { ok: true; value: T } | { ok: false; trouble: Trouble };

const failure = z.object({
  message: z.optional(z.nullable(z.string())),
  code: z.optional(z.nullable(z.string())),
  hint: z.optional(z.nullable(z.string())),
});

/** Calls one function; its answer is proved against the schema. Never throws. */
export async function call<T>(
  name: string,
  args: Record<string, unknown>,
  schema: z.ZodMiniType<T>,
  signal?: AbortSignal,
): Promise<Answer<T>> {
  try {
    const request = client.rpc(name, args);
    const { data, error, status } = await (signal ? request.abortSignal(signal) : request);
    if (error !== null) {
      return { ok: false, trouble: troubleOf(status, failure.parse(error), name) };
    }
    const read = schema.safeParse(data);
    if (read.success) return { ok: true, value: read.data };
    return { ok: false, trouble: otherShape(name, read.error.issues[0]?.path.join(".") ?? "") };
  } catch (error) {
    return { ok: false, trouble: down(error instanceof Error ? error.message : String(error)) };
  }
}

function troubleOf(status: number, error: z.infer<typeof failure>, name: string): Trouble {
  const said = error.message ?? "";
  if (status === 0 || status >= 500 || status === 408 || status === 429) {
    return down(status === 0 ? said : `it answered ${status}${said === "" ? "" : `: ${said}`}`);
  }
  if (status === 401 || error.code === "PGRST301" || error.code === "PGRST303") return sessionEnded;
  if (error.code === "PGRST202" || error.code === "42883" || status === 404) {
    return {
      kind: "older",
      says: `The database has no function ${name}: it is older than this page.`,
      what_to_do: "Bring the database up to this release, then load the page again.",
      what_to_type: "npx -y supabase@3.1.0 db push --remote",
    };
  }
  // Without a session the call is anon's, who may call none of them.
  if (said === `permission denied for function ${name}`) return sessionEnded;
  const isStranger = error.code === "42501" && said.includes("operator");
  return {
    kind: isStranger ? "forbidden" : "refused",
    says: said,
    what_to_do: error.hint ?? "",
    what_to_type: null,
  };
}

export const sessionEnded: Trouble = {
  kind: "session",
  says: "Your session has ended.",
  what_to_do: "Sign in again: what you were looking at is still here.",
  what_to_type: null,
};

function down(why: string): Trouble {
  return {
    kind: "down",
    says: `The API does not answer (${
      /failed to fetch|networkerror|load failed/i.test(why) ? "no connection" : shortened(why)
    }).`,
    what_to_do:
      "It is tried again every ten seconds. A hosted project may be paused: look at its home page in Supabase. " +
      "A local one may have been stopped:",
    what_to_type: "npx -y deno@2.9.5 task start",
  };
}

function otherShape(name: string, path: string): Trouble {
  return {
    kind: "shape",
    says: `The answer of ${name} has not the shape that this page knows${
      path === "" ? "" : ` (at ${path})`
    }.`,
    what_to_do:
      "Page and database are of different releases: load the page again; if that changes nothing, deploy the " +
      "page of the database's release.",
    what_to_type: null,
  };
}

const shortened = (text: string) => text.length > 120 ? `${text.slice(0, 119)}…` : text;
