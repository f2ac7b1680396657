import { ACCEPT_ENCODING, decoded } from "./content_coding.ts";
import { type Dial, dialFirst, dialTcp, secured } from "./dial.ts";
import { Http1Connection, NoAnswer } from "./http1_connection.ts";
import { withoutBrackets } from "./public_address.ts";
import type { Incoming, Outgoing } from "./transport.ts";

/** How long a connection is kept for the next request; servers keep theirs for a minute or less. */
const IDLE_MS = 30_000;
const MAX_IDLE = 32;

interface Idle {
  origin: string;
  connection: Http1Connection;
  since: number;
}

interface PoolOptions {
  dial?: Dial;
  /** Certificates, PEM, that are trusted besides the usual ones. */
  caCerts?: string[];
  now?: () => number;
}

/**
 * Sends requests over connections to the addresses that were checked, and to no other: the name is not
 * looked up again, so that one who answers it with another address every time (DNS rebinding) gains
 * nothing, over http as over https. For TLS the name is what the certificate must be for.
 *
 * By `Deno.connect` and `Deno.startTls`, which a hosted function has as they are: see
 * `ext/runtime/js/denoOverrides.js` of https://github.com/supabase/edge-runtime. `fetch` cannot be told
 * an address: it drops a `host` header, unless its client was made by `Deno.createHttpClient`, which a
 * hosted function may not have (issue 208 there). `node:http` throws "Not implemented" for `lookup` in
 * Deno 2.1, which functions are hosted on.
 *
 * Connections stay open for the next request to the same site.
 */
export class ConnectionPool {
  #idle: Idle[] = [];
  #dial: Dial;
  #caCerts: string[];
  #now: () => number;

  constructor({ dial = dialTcp, caCerts = [], now = Date.now }: PoolOptions = {}) {
    this.#dial = dial;
    this.#caCerts = caCerts;
    this.#now = now;
  }

  /** A `Transport`. Rejects with an Error when no address answers, or not in HTTP/1.1. */
  send = async (url: URL, request: Outgoing): Promise<Incoming> => {
    const headers = new Headers(request.headers);
    headers.set("accept-encoding", ACCEPT_ENCODING);
    const answer = await this.#get(url, { ...request, headers });
    if (answer.body === null) return answer;
    try {
      const body = decoded(answer.body, answer.headers.get("content-encoding"));
      return { ...answer, body };
    } catch (error) {
      await answer.body.cancel();
      throw error;
    }
  };

  /** Closes the connections that wait for another request. */
  close(): void {
    for (const { connection } of this.#idle.splice(0)) connection.close();
  }

  async #get(url: URL, request: Outgoing): Promise<Incoming> {
    const free = (connection: Http1Connection) => this.#keep(url.origin, connection);
    const held = this.#take(url.origin, request.addresses);
    if (held !== null) {
      try {
        return await held.get(url, request, free);
      } catch (error) {
        // The server had closed it meanwhile: a GET may be sent again (RFC 9110, 9.2.2).
        if (!(error instanceof NoAnswer) || request.signal.aborted) throw error;
      }
    }
    const connection = await this.#open(url, request);
    return await connection.get(url, request, free);
  }

  async #open(url: URL, { addresses, signal }: Outgoing): Promise<Http1Connection> {
    const secure = url.protocol === "https:";
    const port = Number(url.port) || (secure ? 443 : 80);
    const { connection, address } = await dialFirst(addresses, port, this.#dial, signal);
    if (!secure) return new Http1Connection(connection, address);
    const name = withoutBrackets(url.hostname).replace(/\.$/, "");
    return new Http1Connection(
      await secured(connection, { name, caCerts: this.#caCerts }, signal),
      address,
    );
  }

  /** An idle connection to one of the addresses that were checked for this request. */
  #take(origin: string, addresses: readonly string[]): Http1Connection | null {
    this.#closeStale();
    const at = this.#idle.findLastIndex((one) =>
      one.origin === origin && addresses.includes(one.connection.address)
    );
    return at < 0 ? null : this.#idle.splice(at, 1)[0]?.connection ?? null;
  }

  #keep(origin: string, connection: Http1Connection): void {
    this.#closeStale();
    this.#idle.push({ origin, connection, since: this.#now() });
    if (this.#idle.length > MAX_IDLE) this.#idle.shift()?.connection.close();
  }

  #closeStale(): void {
    const oldest = this.#now() - IDLE_MS;
    while ((this.#idle[0]?.since ?? Infinity) < oldest) this.#idle.shift()?.connection.close();
  }
}

/** The connections of this worker, which outlive a run. */
export const sharedPool = new ConnectionPool();
