/** A request on its way to a URL. */
export interface Outgoing {
  headers: Headers;
  /** Ends the request, also while its body is read. */
  signal: AbortSignal;
  /** The addresses of the URL's host that were checked. */
  addresses: readonly string[];
}

/** An answer whose body is still to be read; unpacked already. A body that is not wanted is cancelled. */
export interface Incoming {
  status: number;
  headers: Headers;
  body: ReadableStream<Uint8Array> | null;
}

/** Sends one GET and follows no redirect. Rejects when there is no answer. */
export type Transport = (url: URL, request: Outgoing) => Promise<Incoming>;

/**
 * By `fetch`, which looks the host up itself: only for an address that needs no check, as that of a
 * mirror on this machine.
 */
export const fetchTransport: Transport = (url, { headers, signal }) =>
  fetch(url, { headers, signal, redirect: "manual" });
