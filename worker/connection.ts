/** Whether the database is there, and what it wants done. */
import type { DatabaseClient } from "../supabase/functions/_shared/database/client.ts";
import { DatabaseError } from "../supabase/functions/_shared/database/error.ts";
import {
  heartbeatOutsideWorker,
  type OutsideWorker,
  releaseOutsideWorker,
  type ToldOfFunction,
} from "../supabase/functions/_shared/database/outside_workers.ts";
import { explain, log } from "../supabase/functions/_shared/edge/log.ts";
import type { Say } from "./say.ts";

/** The project takes nothing from this process, and will not a moment later either. */
class Refused extends Error {}

/**
 * Why a project refuses, in words that say what to do; null where it may be well again by itself.
 * @param wasHere whether it answered before: then only the key can have changed for good.
 */
function refusalOf(error: unknown, url: string, wasHere: boolean): Refused | null {
  if (!(error instanceof DatabaseError)) return null;
  const { status, code } = error;
  if (status === 401 || status === 403) {
    return new Refused(
      `${url} refuses the key (${status}): set SUPABASE_SERVICE_ROLE_KEY to a secret key of Settings → API keys`,
    );
  }
  if (wasHere) return null;
  if (code === "PGRST202" || code === "42883") {
    return new Refused(
      `the database of ${url} is older than this worker: npx supabase db push --remote`,
    );
  }
  if (status === 404) return new Refused(`${url} is no Supabase project (404): see SUPABASE_URL`);
  return null;
}

/** What a failure says, without the stack that a client's error carries in its details. */
function firstLine(error: unknown): string {
  return explain(error).split(/ – |\n/)[0] ?? "";
}

/** The database as this process finds it. */
export class Connection {
  #seenAt: number;
  #wasHere = false;
  #awaySince: number | null = null;
  #error: string | null = null;

  constructor(
    private readonly database: DatabaseClient,
    private readonly url: string,
    private readonly me: OutsideWorker,
    private readonly say: Say,
  ) {
    this.#seenAt = Date.now();
  }

  /** When it answered last, or the process began; epoch milliseconds. */
  get seenAt(): number {
    return this.#seenAt;
  }

  /** Since when it does not answer, epoch milliseconds, and what the last try said; null: it does. */
  get away(): { since: number; error: string } | null {
    return this.#awaySince === null
      ? null
      : { since: this.#awaySince, error: this.#error ?? "no answer" };
  }

  /**
   * Says that the process is here, and asks what to do; null while the database is away, which is said
   * once, and so is that it is back.
   * @throws Refused
   */
  async heartbeat(): Promise<ToldOfFunction[] | null> {
    try {
      const told = await heartbeatOutsideWorker(this.database, this.me);
      this.#seenAt = Date.now();
      this.#wasHere = true;
      if (this.#awaySince !== null) {
        const seconds = Math.round((this.#seenAt - this.#awaySince) / 1000);
        this.say(`the database is back after ${seconds} s`);
      }
      this.#awaySince = null;
      return told;
    } catch (error) {
      const refused = refusalOf(error, this.url, this.#wasHere);
      if (refused !== null) throw refused;
      this.#error = firstLine(error);
      if (this.#awaySince === null) {
        log("warn", `the database is away, and is asked again and again: ${this.#error}`);
      }
      this.#awaySince ??= Date.now();
      return null;
    }
  }

  /** Says that the process begins nothing more; that it cannot is no matter: in a minute nobody counts on it. */
  async release(): Promise<void> {
    await releaseOutsideWorker(this.database, this.me.id)
      .catch((error) => log("info", `could not say that it ends: ${firstLine(error)}`));
  }
}
