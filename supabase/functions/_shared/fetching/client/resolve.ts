import { promises as dns } from "node:dns";
import { hostName } from "../../domain/host.ts";
import { isAddress, isPublicAddress, withoutBrackets } from "./public_address.ts";

/** All addresses of a name, A and AAAA. Rejects when the name does not resolve. */
export type Resolver = (name: string) => Promise<string[]>;

/** Asks the system's resolver; `node:dns` is there in hosted edge functions as well. */
export const systemResolver: Resolver = async (name) =>
  (await dns.lookup(name, { all: true })).map((found) => found.address);

export type HostCheck =
  | { kind: "public"; addresses: readonly string[] }
  | { kind: "refused"; reason: string }
  | { kind: "unresolved"; reason: string };

/** How long a name's answer stands in for the next request; shorter than any slot's distance. */
const REMEMBERED_MS = 2_000;
const RESOLVE_TIMEOUT_MS = 5_000;

/**
 * Checks that *every* address of a host is public, just before it is asked, and gives them: what was
 * checked is what is connected to (see `ConnectionPool`), and the name is not looked up again.
 */
export class HostChecker {
  #resolver: Resolver;
  #now: () => number;
  #remembered = new Map<string, { until: number; check: Promise<HostCheck> }>();

  constructor(resolver: Resolver, now: () => number) {
    this.#resolver = resolver;
    this.#now = now;
  }

  /** Whether the host of a URL that `checkUrl` let pass leads to the public internet. Never throws. */
  check(url: URL): Promise<HostCheck> {
    const host = withoutBrackets(hostName(url));
    if (isAddress(host)) return Promise.resolve(classifyAddresses(host, [host]));
    const held = this.#remembered.get(host);
    if (held !== undefined && held.until > this.#now()) return held.check;
    const check = this.#resolve(host);
    this.#remembered.set(host, { until: this.#now() + REMEMBERED_MS, check });
    return check;
  }

  async #resolve(host: string): Promise<HostCheck> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("the name server is slow")), RESOLVE_TIMEOUT_MS);
    });
    try {
      return classifyAddresses(host, await Promise.race([this.#resolver(host), late]));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { kind: "unresolved", reason: `${host} does not resolve: ${why}` };
    } finally {
      clearTimeout(timer);
    }
  }
}

function classifyAddresses(host: string, addresses: string[]): HostCheck {
  if (addresses.length === 0) return { kind: "unresolved", reason: `${host} has no address` };
  const inner = addresses.find((address) => !isPublicAddress(address));
  return inner === undefined
    ? { kind: "public", addresses }
    : { kind: "refused", reason: `${host} leads to ${inner}, which is not a public address` };
}
