/** The command line of `task worker`. */
import { commandLine, TASK, usageError } from "../local/command_line.ts";
import { QUEUE_WORKERS, type QueueWorker } from "./queues.ts";

const names = QUEUE_WORKERS.map(({ queue }) => queue);

const usage = `Runs the workers of a project outside the edge runtime: docs/workers.md.

usage: ${TASK} worker [--queues A,B] [--concurrency N] [--batch N] [--port N] [--once] [--json]

Works off the queues of the project that the environment names, by the code of its edge functions, until SIGTERM or
Ctrl-C. It then begins nothing more, hands back what was not begun, and has 25 seconds to finish what was; a second
signal ends it at once. Once a minute it says what it did.

  --queues A,B      only these: ${names.slice(0, 4).join(", ")},
                    ${names.slice(4).join(", ")}
  --concurrency N   runs at once, over all of them: 1 to 100; 4 when not given
  --batch N         rows a run takes: 1 to 100; by itself as the edge function, or as the agent's cycle wants
  --port N          serves /healthz there: 200 with what it does, 503 when the database has been away for a minute
  --once            works off what is due, and ends
  --json            prints a JSON object a line
  --help            this

Exit code 0 when it was stopped or, with --once, nothing is due any more; 1 when the project refused it, something was
cut off, or a run broke with --once; 2 for a mistake in the options or the environment.
Environment: SUPABASE_URL, and SERVICE_KEY, SUPABASE_SERVICE_ROLE_KEY or SUPABASE_SECRET_KEY; what the functions are
given as secrets (CONTACT_URL, OPENAI_API_KEY …); LOG_LEVEL: warn, or info for a line a run.`;

/** What the process was asked to do. */
export interface WorkerOptions {
  queues: QueueWorker[];
  /** Runs at once, over all queues. */
  concurrency: number;
  /** Rows a run takes; undefined: as the function has it, or the cycle wants. */
  batch: number | undefined;
  /** Where /healthz is served; undefined: nowhere. */
  port: number | undefined;
  once: boolean;
  json: boolean;
}

/** Ends the process with exit code 2 and says what is wrong. */
export function refuseUsage(message: string): never {
  usageError(message, usage);
}

/** Reads the options of this process; a mistake ends it with exit code 2, --help with 0. */
export function readOptions(): WorkerOptions {
  const { values } = commandLine(usage, {
    options: {
      queues: { type: "string" },
      concurrency: { type: "string" },
      batch: { type: "string" },
      port: { type: "string" },
      once: { type: "boolean" },
      json: { type: "boolean" },
    },
  });
  return {
    queues: chosenQueues(values.queues),
    concurrency: numberOf("--concurrency", values.concurrency, 1, 100) ?? 4,
    batch: numberOf("--batch", values.batch, 1, 100),
    port: numberOf("--port", values.port, 0, 65_535),
    once: values.once ?? false,
    json: values.json ?? false,
  };
}

function chosenQueues(given: string | undefined): QueueWorker[] {
  if (given === undefined) return [...QUEUE_WORKERS];
  const wanted = given.split(",").map((name) => name.trim()).filter((name) => name !== "");
  if (wanted.length === 0) refuseUsage(`--queues names none: there are ${names.join(", ")}`);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    refuseUsage(`no queue "${unknown.join('", "')}": there are ${names.join(", ")}`);
  }
  return QUEUE_WORKERS.filter(({ queue }) => wanted.includes(queue));
}

function numberOf(option: string, given: string | undefined, least: number, most: number) {
  if (given === undefined) return undefined;
  const number = Number(given);
  if (given.trim() !== "" && Number.isInteger(number) && number >= least && number <= most) {
    return number;
  }
  refuseUsage(`${option} is a number from ${least} to ${most}, not "${given}"`);
}
