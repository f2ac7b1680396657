/** How much CPU something uses: what a page can cost, whatever else the machine does. */
import process from "node:process";

/** Starts counting; gives milliseconds of CPU of this process since. */
export function cpuClock(): () => number {
  const begun = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1_000;
  };
}
