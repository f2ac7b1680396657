import { AsyncLocalStorage } from "node:async_hooks";

/** How a run is ended before its time is up. */
export interface RunStop {
  /** From then on nothing is begun: rows that were not are handed back, what is under way is finished. */
  readonly soon: AbortSignal;
  /** From then on what is under way is given up, and handed back too. Not before `soon`. */
  readonly now: AbortSignal;
}

const current = new AsyncLocalStorage<RunStop>();

/** How the run that this code works for is ended early; none of an edge function's, which has its deadline. */
export function runStop(): RunStop | undefined {
  return current.getStore();
}

/** Whether nothing is begun any more in the run that this code works for. */
export function isStopping(): boolean {
  return current.getStore()?.soon.aborted === true;
}

/** Does work, all of which can be ended by this. */
export function withRunStop<T>(stop: RunStop, work: () => T): T {
  return current.run(stop, work);
}
