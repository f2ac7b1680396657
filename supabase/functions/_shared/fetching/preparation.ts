import type { HostSlots, HostStore } from "../database/hosts.ts";
import type { NewestSnapshot } from "../database/snapshots.ts";
import { Coalesced } from "./coalesce.ts";
import { HORIZON_MS, type HostLimiter } from "./politeness/host_limiter.ts";
import type { RunTime } from "./run_time.ts";

interface Answer {
  snapshot?: NewestSnapshot;
  slots?: HostSlots;
}

/** What pages need of the database before they are asked for; what is wanted together costs one call. */
export class Preparation {
  #hosts: HostStore;
  #worker: string;
  #time: RunTime;
  #wanted: Coalesced<{ url: string } | { limiter: HostLimiter }, Answer>;

  constructor(hosts: HostStore, worker: string, time: RunTime) {
    this.#hosts = hosts;
    this.#worker = worker;
    this.#time = time;
    this.#wanted = new Coalesced((wanted) => this.#ask(wanted));
  }

  /** The newest good snapshot of a listing, and the listing's canonical URL. @throws DatabaseError */
  async newest(url: string): Promise<NewestSnapshot> {
    const { snapshot } = await this.#wanted.load({ url });
    if (snapshot === undefined) throw new Error(`no answer for ${url} when finding snapshots`);
    return snapshot;
  }

  /** The next slots of a host. @throws DatabaseError */
  async slots(limiter: HostLimiter): Promise<HostSlots> {
    const { slots } = await this.#wanted.load({ limiter });
    if (slots === undefined) throw new Error(`no answer for ${limiter.host} when reserving slots`);
    return slots;
  }

  async #ask(wanted: ({ url: string } | { limiter: HostLimiter })[]): Promise<Answer[]> {
    const urls = new Set(wanted.flatMap((one) => "url" in one ? [one.url] : []));
    const requests = wanted.flatMap((one) => "limiter" in one ? [one.limiter.request()] : []);
    const horizon = Math.max(0, Math.min(HORIZON_MS, this.#time.leftToStart()));
    const answer = await this.#hosts.prepare(this.#worker, requests, horizon, [...urls]);
    const snapshots = new Map(answer.snapshots.map((one) => [one.url, one]));
    const slots = new Map(answer.slots.map((one) => [one.host, one]));
    return wanted.map((one): Answer =>
      "url" in one ? { snapshot: snapshots.get(one.url) } : { slots: slots.get(one.limiter.host) }
    );
  }
}
