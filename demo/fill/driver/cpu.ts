/** CPU seconds that the parts of a stack have used, read where Linux keeps them. */
import process from "node:process";
import type { Stack } from "../../../local/stack.ts";
import type { FillSites } from "../sites/server.ts";

/** Seconds since each part began. */
export interface CpuSeconds {
  /** The edge functions' host. */
  functions: number;
  /** Postgres with all its sessions, those that ended too. */
  postgres: number;
  /** REST, Storage, cron and pg_net, and who drives the run. */
  api: number;
  /** The sites that are read. */
  sites: number;
}

const TICKS = 100; // sysconf(_SC_CLK_TCK) of every Linux that Deno runs on

interface ProcessTimes {
  parent: number;
  own: number;
  /** Of children that ended. */
  ended: number;
}

function timesOf(pid: number | string): ProcessTimes | null {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // After the name in parentheses: state, parent, … utime, stime, cutime, cstime (proc(5)).
    const [, parent, ...rest] = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = rest.slice(9);
    return { parent: parent ?? 0, own: (utime + stime) / TICKS, ended: (cutime + cstime) / TICKS };
  } catch {
    return null; // no Linux, or it has ended
  }
}

/** A session that ends while it is looked at would be in neither sum: then it is looked at again. */
function withSessions(postmaster: number): number {
  for (;;) {
    const own = timesOf(postmaster);
    if (own === null) return 0;
    let sum = own.own + own.ended;
    for (const { name } of Deno.readDirSync("/proc")) {
      const times = /^\d+$/.test(name) ? timesOf(name) : null;
      if (times?.parent === postmaster) sum += times.own;
    }
    if (timesOf(postmaster)?.ended === own.ended) return sum;
  }
}

/** What has been used so far; null where the system does not say. */
export async function cpuSeconds(
  stack: Stack,
  sites: Pick<FillSites, "cpuSeconds">,
): Promise<CpuSeconds | null> {
  const functions = timesOf(stack.functionsPid());
  if (functions === null) return null;
  const { user, system } = process.cpuUsage();
  const ofSites = await sites.cpuSeconds();
  return {
    functions: functions.own,
    postgres: withSessions(stack.postgresPid()),
    api: (user + system) / 1_000_000 - ofSites,
    sites: ofSites,
  };
}

/** What was used between two looks. */
export const usedSince = (before: CpuSeconds, after: CpuSeconds): CpuSeconds => ({
  functions: after.functions - before.functions,
  postgres: after.postgres - before.postgres,
  api: after.api - before.api,
  sites: after.sites - before.sites,
});

/** Seconds that so many things took, as milliseconds for each. */
export function msEach(used: CpuSeconds, count: number): CpuSeconds {
  const each = (seconds: number) => seconds / Math.max(1, count) * 1000;
  return {
    functions: each(used.functions),
    postgres: each(used.postgres),
    api: each(used.api),
    sites: each(used.sites),
  };
}

/** Of all parts together. */
export const totalOf = (cpu: CpuSeconds): number =>
  cpu.functions + cpu.postgres + cpu.api + cpu.sites;
