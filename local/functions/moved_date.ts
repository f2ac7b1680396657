/** `Date` of a function's worker, moved on by as much as the stack's clock is. */

const RealDate = Date;
let ahead = 0;
let isMoved = false;

/** From now on `Date` is so many milliseconds ahead of the real time. */
export function moveDate(ms: number): void {
  ahead = ms;
  if (isMoved) return;
  isMoved = true;
  const now = () => RealDate.now() + ahead;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, self) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, self),
    apply: () => new RealDate(now()).toString(),
    get: (target, key) => key === "now" ? now : Reflect.get(target, key),
  });
}
