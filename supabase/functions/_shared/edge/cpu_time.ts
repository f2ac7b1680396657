import process from "node:process";

/** Of the thread that it is called in, microseconds. Node 23.9 has it, and so has Deno from 2.3 on. */
type ThreadCpuUsage = () => { user: number; system: number };

/**
 * CPU that this worker has used, milliseconds; null where the runtime does not say. What two requests
 * of one worker use at a time is in both their figures.
 */
export function cpuTimeMs(): number | null {
  const read: unknown = Reflect.get(process, "threadCpuUsage");
  if (typeof read !== "function") return null;
  const { user, system } = (read as ThreadCpuUsage)();
  return (user + system) / 1_000;
}
