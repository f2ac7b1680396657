/** The internet behind the addresses of names, played on this machine: connections instead of a mirror. */
import { ConnectionPool } from "../../supabase/functions/_shared/fetching/client/connection_pool.ts";
import { isPublicAddress } from "../../supabase/functions/_shared/fetching/client/public_address.ts";
import { certificateFor } from "../../supabase/functions/_shared/fetching/testing/certificate.ts";
import type { Site } from "./site.ts";

export interface Internet {
  /** For a fetcher's `transport`. */
  pool: ConnectionPool;
  /** The addresses that were connected to, in order. */
  dialed: string[];
  /** Requests that reached a service which only this machine may reach. */
  reachedInside: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

const certificate = certificateFor("cars.example", "images.example", "other.example");

/** Every public address leads to the site, over http and https; every other to a service on this machine. */
export function playInternet(site: Site): Internet {
  const serve = (answer: (request: Request) => Response | Promise<Response>, tls = {}) =>
    Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {}, ...tls }, answer);
  const outside = (request: Request) => site.respond(new URL(request.url), request.headers);
  const reachedInside: string[] = [];
  const [http, https, inside] = [
    serve(outside),
    serve(outside, certificate),
    serve(({ url }) => (reachedInside.push(url), new Response("secret"))),
  ];
  const dialed: string[] = [];
  const pool = new ConnectionPool({
    caCerts: [certificate.cert],
    dial(address, port) {
      dialed.push(address);
      const server = !isPublicAddress(address) ? inside : port === 443 ? https : http;
      return Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    },
  });
  return {
    pool,
    dialed,
    reachedInside,
    async [Symbol.asyncDispose]() {
      pool.close();
      await Promise.all([http, https, inside].map((one) => one.shutdown()));
    },
  };
}
