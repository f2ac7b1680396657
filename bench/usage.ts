/** CPU and memory of the process that asks. */
import process from "node:process";
import { z } from "zod";

export const usage = z.object({
  /** User and system time since the process started, milliseconds. */
  cpuMs: z.number(),
  /** The most that heap and buffers held since the last question, megabytes. */
  heapMb: z.number(),
  /** The most that the whole process held since the last question, megabytes. */
  residentMb: z.number(),
});
export type Usage = z.infer<typeof usage>;

const MB = 1024 * 1024;
/** How often memory is looked at, milliseconds. */
const EVERY_MS = 10;

/** Watches this process from now on. Each `take` starts a new peak. */
export class UsageMeter {
  #heap = 0;
  #resident = 0;
  #timer = setInterval(() => this.#look(), EVERY_MS);

  take(): Usage {
    this.#look();
    const { user, system } = process.cpuUsage();
    const taken = {
      cpuMs: (user + system) / 1000,
      heapMb: this.#heap / MB,
      residentMb: this.#resident / MB,
    };
    this.#heap = 0;
    this.#resident = 0;
    return taken;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { heapUsed, external, rss } = Deno.memoryUsage();
    this.#heap = Math.max(this.#heap, heapUsed + external);
    this.#resident = Math.max(this.#resident, rss);
  }
}
