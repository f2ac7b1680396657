/** What the process says of itself to whoever asks whether it lives. */
import type { Connection } from "./connection.ts";
import type { Runner } from "./runner.ts";
import type { Tally } from "./tally.ts";

/** So long the database may be away before the process counts as not well. */
const LONGEST_AWAY_MS = 60_000;

/** What is looked at. */
interface Watched {
  name: string;
  startedAt: number;
  stop: AbortSignal;
  connection: Pick<Connection, "seenAt" | "away">;
  runner: Pick<Runner, "queues">;
  tally: Pick<Tally, "of">;
}

const iso = (ms: number | null) => ms === null ? null : new Date(ms).toISOString();

/** How it stands at a time, epoch milliseconds: well unless the database did not answer for a minute. */
export function healthOf(watched: Watched, now: number) {
  const { connection, runner, tally } = watched;
  const { away, seenAt } = connection;
  return {
    ok: now - seenAt < LONGEST_AWAY_MS,
    name: watched.name,
    started_at: iso(watched.startedAt),
    stopping: watched.stop.aborted,
    database: {
      seen_at: iso(seenAt),
      away_since: iso(away?.since ?? null),
      error: away?.error ?? null,
    },
    queues: Object.fromEntries(runner.queues.map((queue) => [queue.worker.queue, {
      function: queue.worker.function,
      paused: queue.paused,
      runs: queue.runs.size,
      rows_in_work: [...queue.runs].reduce((sum, { held }) => sum + held, 0),
      ...tally.of(queue.worker.queue),
      last_run_at: iso(queue.lastRunAt),
      last_error: queue.lastError === null
        ? null
        : { at: iso(queue.lastError.at), message: queue.lastError.message },
    }])),
  };
}

/**
 * Serves /healthz on all addresses of this machine, since a cluster asks from outside; gives the port, null
 * where another program has it.
 */
export function serveHealth(port: number, watched: Watched): number | null {
  try {
    return serve(port, watched);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return null;
    throw error;
  }
}

function serve(port: number, watched: Watched): number {
  const server = Deno.serve({ hostname: "0.0.0.0", port, onListen() {} }, (request) => {
    if (new URL(request.url).pathname !== "/healthz") {
      return new Response("see /healthz\n", { status: 404 });
    }
    const health = healthOf(watched, Date.now());
    return Response.json(health, { status: health.ok ? 200 : 503 });
  });
  return server.addr.port;
}
