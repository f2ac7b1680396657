import type { HostSlots, HostStore } from "../database/hosts.ts";
import type { NewestSnapshot } from "../database/snapshots.ts";
import type { ServingMaps } from "../domain/serving_maps.ts";
import { Coalesced } from "./coalesce.ts";
import type { HostLimiter } from "./politeness/host_limiter.ts";

/** The snapshot of a URL, or the slots of a host; nothing of both: what comes with every answer. */
interface Wanted {
  url?: string;
  limiter?: HostLimiter;
}

interface Answer {
  snapshot?: NewestSnapshot;
  slots?: HostSlots;
}

/** What pages need of the database before they are asked for; what is wanted together costs one call. */
export class Preparation {
  #hosts: HostStore;
  #worker: string;
  #horizonMs: () => number;
  #maps: ServingMaps | undefined;
  #wanted: Coalesced<Wanted, Answer>;

  /** @param horizonMs how far ahead slots may be reserved now, milliseconds. */
  constructor(hosts: HostStore, worker: string, horizonMs: () => number) {
    this.#hosts = hosts;
    this.#worker = worker;
    this.#horizonMs = horizonMs;
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

  /**
   * The extraction maps that read pages besides their adapters: for the whole run those that served
   * when it first asked for anything, since they come with the first answer. @throws DatabaseError
   */
  async maps(): Promise<ServingMaps> {
    if (this.#maps === undefined) await this.#wanted.load({});
    if (this.#maps === undefined) throw new Error("no answer when looking for extraction maps");
    return this.#maps;
  }

  async #ask(wanted: Wanted[]): Promise<Answer[]> {
    const answer = await this.#hosts.prepare(this.#worker, {
      hosts: wanted.flatMap(({ limiter }) => limiter === undefined ? [] : [limiter.request()]),
      horizonMs: Math.max(0, this.#horizonMs()),
      urls: [...new Set(wanted.flatMap(({ url }) => url ?? []))],
      maps: this.#maps === undefined,
    });
    this.#maps ??= answer.maps;
    const snapshots = new Map(answer.snapshots.map((one) => [one.url, one]));
    const slots = new Map(answer.slots.map((one) => [one.host, one]));
    return wanted.map(({ url, limiter }): Answer => ({
      snapshot: url === undefined ? undefined : snapshots.get(url),
      slots: limiter === undefined ? undefined : slots.get(limiter.host),
    }));
  }
}
