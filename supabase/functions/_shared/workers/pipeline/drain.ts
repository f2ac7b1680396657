import type { QueueWork } from "../../database/pipeline.ts";
import { counted, type StepOutcome } from "./step.ts";

/** Workers of one queue that a run starts at most; those that still run and those that are invoked come on top. */
const MOST_PER_QUEUE = 4;
/** And of all queues together. */
const MOST_IN_ALL = 12;
/** Rows that one worker takes in one call: beyond them a second one is worth starting. */
const BATCH = 20;
/** Images are small: one worker takes more of them. */
const IMAGE_BATCH = 200;

/** One function to start, and how often. */
interface Start {
  queue: string;
  function: string;
  due: number;
  outside: number;
  workers: number;
}

/** What starting one worker answered; `status` null: no answer. */
export interface Called {
  status: number | null;
  message: string | null;
}

/** Calls an edge function of this project, which answers at once and works on. Never throws. */
export type CallFunction = (name: string, body: Record<string, unknown>) => Promise<Called>;

/**
 * How many workers each queue gets: one for each batch that is due, at most 4, and at most 12 in
 * all, so that every queue with work has one before any has its second. A place outside the edge
 * runtime counts as one of them that runs.
 */
export function planWorkers(work: readonly QueueWork[]): Start[] {
  const wanted = work.map(({ queue, due, outside }) => {
    const batches = Math.ceil(due / (queue === "image_downloads" ? IMAGE_BATCH : BATCH));
    return Math.max(0, Math.min(MOST_PER_QUEUE, batches) - outside);
  });
  const given = work.map(() => 0);
  let left = MOST_IN_ALL;
  for (let round = 1; round <= MOST_PER_QUEUE; round++) {
    wanted.forEach((most, index) => {
      if (most < round || left === 0) return;
      given[index] = round;
      left -= 1;
    });
  }
  return work.map((one, index) => ({ ...one, workers: given[index] ?? 0 }));
}

/** What to type about a worker that did not start. */
function mend(name: string, { status, message }: Called): { error: string; hint: string } | null {
  if (status !== null && status >= 200 && status < 300) return null;
  if (status === 404) {
    return {
      error: `${name} is not deployed (404)`,
      hint: `supabase functions deploy ${name}`,
    };
  }
  const said = status === null ? "did not answer" : `answered ${status}`;
  return {
    error: `${name} ${said}${message === null ? "" : `: ${message}`}`,
    hint: `the log of ${name}; then node scripts/invoke.js ${name}`,
  };
}

/** Starts the workers of all queues that have work, in parallel; they answer at once and work on. */
export async function drain(work: readonly QueueWork[], call: CallFunction): Promise<StepOutcome> {
  const plan = planWorkers(work);
  const queues = await Promise.all(plan.map(async (start) => {
    const calls = await Promise.all(
      Array.from({ length: start.workers }, () => call(start.function, { background: true })),
    );
    const mistakes = calls.flatMap((called) => mend(start.function, called) ?? []);
    return {
      ...start,
      started: calls.length - mistakes.length,
      statuses: calls.map(({ status }) => status),
      error: mistakes[0]?.error ?? null,
      hint: mistakes[0]?.hint ?? null,
    };
  }));
  const failed = queues.filter(({ error }) => error !== null);
  const started = queues.reduce((sum, one) => sum + one.started, 0);
  const busy = queues.filter(({ due }) => due > 0).length;
  return {
    said: `${counted(started, "worker")} started for ${counted(busy, "queue")} with due work`,
    did: { started, queues },
    ...(failed.length === 0 ? {} : {
      problem: {
        error: failed.map(({ error }) => error).join("; "),
        hint: failed.map(({ hint }) => hint).join("; "),
      },
    }),
  };
}

/** What `drain` would start. */
export function drainPreview(work: readonly QueueWork[]): StepOutcome {
  const queues = planWorkers(work);
  const workers = queues.reduce((sum, one) => sum + one.workers, 0);
  return { said: `would start ${counted(workers, "worker")}`, did: { queues } };
}
