/** `Date` and `setTimeout` of a function's worker, moved on by as much as the stack's clock is. */

const RealDate = Date;
const realSetTimeout = globalThis.setTimeout;
const realClearTimeout = globalThis.clearTimeout;
let ahead = 0;
let isMoved = false;

type TimerId = ReturnType<typeof setTimeout>;

interface Timer {
  /** When it is due, by the moved clock. */
  due: number;
  run: () => void;
  /** What it is now: it begins anew with each move. */
  real: TimerId;
}
/** By what who set it knows. */
const timers = new Map<TimerId, Timer>();

const now = () => RealDate.now() + ahead;

function setMovedTimeout(
  callback: (...args: unknown[]) => void,
  ms = 0,
  ...args: unknown[]
): TimerId {
  const run = () => {
    timers.delete(id);
    callback(...args);
  };
  const id = realSetTimeout(run, ms);
  timers.set(id, { due: now() + ms, run, real: id });
  return id;
}

function clearMovedTimeout(id?: TimerId): void {
  if (id === undefined) return;
  realClearTimeout(timers.get(id)?.real ?? id);
  timers.delete(id);
}

/**
 * From now on `Date` is so many milliseconds ahead of the real time, and what waits for a time that has come by then
 * is done. `AbortSignal.timeout` and intervals stay as they are.
 */
export function moveTime(ms: number): void {
  ahead = ms;
  for (const timer of timers.values()) {
    realClearTimeout(timer.real);
    timer.real = realSetTimeout(timer.run, Math.max(0, timer.due - now()));
  }
  if (isMoved) return;
  isMoved = true;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, self) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, self),
    apply: () => new RealDate(now()).toString(),
    get: (target, key) => key === "now" ? now : Reflect.get(target, key),
  });
  Object.assign(globalThis, { setTimeout: setMovedTimeout, clearTimeout: clearMovedTimeout });
}
