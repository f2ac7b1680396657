import { cpus, loadavg, totalmem } from "node:os";

/** Where the figures come from: without it they mean little. */
interface Machine {
  cores: number;
  processor: string;
  memoryGb: number;
  system: string;
  /** How many processes wanted to run in the last minute, this benchmark's own among them. */
  load: number;
}

export function machine(): Machine {
  const all = cpus();
  return {
    cores: all.length,
    processor: all[0]?.model.trim() ?? "unknown",
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${Deno.build.os} ${Deno.build.arch}, Deno ${Deno.version.deno}`,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** One line for a person. */
export function machineLine(it: Machine): string {
  return `${it.cores} cores (${it.processor}), ${it.memoryGb} GB, ${it.system}, load ${it.load}`;
}
