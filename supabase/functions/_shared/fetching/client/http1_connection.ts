import type { Connection } from "./dial.ts";
import { type Head, ResponseParser } from "./http1_parser.ts";
import type { Incoming, Outgoing } from "./transport.ts";

const READ_BYTES = 64 * 1024;

/** The connection broke before anything of an answer came: on one that was idle, nothing was asked. */
export class NoAnswer extends Error {
  override name = "NoAnswer";
}

/** A connection that speaks HTTP/1.1: one GET after another, each read to its end before the next. */
export class Http1Connection {
  #connection: Connection;
  #buffer = new Uint8Array(READ_BYTES);
  #closed = false;

  /** @param address where it leads. */
  constructor(connection: Connection, readonly address: string) {
    this.#connection = connection;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  /**
   * Sends a GET and gives the answer as soon as its headers are there.
   * @param free called once, when the answer has been read or left and the connection can take another
   * request. When it cannot, it is closed.
   * @throws NoAnswer, ProtocolError, the abort reason, or what Deno says of a connection that broke.
   */
  async get(
    url: URL,
    { headers, signal }: Pick<Outgoing, "headers" | "signal">,
    free: (connection: Http1Connection) => void,
  ): Promise<Incoming> {
    const parser = new ResponseParser();
    const stop = () => this.close();
    signal.addEventListener("abort", stop);
    const leave = () => {
      signal.removeEventListener("abort", stop);
      if (parser.complete && parser.keepAlive && !this.#closed) free(this);
      else this.close();
    };
    try {
      signal.throwIfAborted();
      const { head, body } = await this.#head(parser, requestOf(url, headers));
      if (!parser.complete) return { ...head, body: this.#rest(parser, body, leave, signal) };
      leave();
      return { ...head, body: body.length === 0 ? null : bodyOf(body) };
    } catch (error) {
      leave();
      throw signal.aborted ? signal.reason : error;
    }
  }

  async #head(
    parser: ResponseParser,
    request: Uint8Array,
  ): Promise<{ head: Head; body: Uint8Array[] }> {
    let began = false;
    try {
      for (let sent = 0; sent < request.length;) {
        sent += await this.#connection.write(request.subarray(sent));
      }
      while (true) {
        const bytes = await this.#read();
        if (bytes === null) parser.end();
        else began = true;
        const body = bytes === null ? [] : parser.feed(bytes);
        if (parser.head !== null) return { head: parser.head, body };
      }
    } catch (error) {
      if (began) throw error;
      throw new NoAnswer("the connection was closed before an answer came", { cause: error });
    }
  }

  #rest(
    parser: ResponseParser,
    first: Uint8Array[],
    leave: () => void,
    signal: AbortSignal,
  ): ReadableStream<Uint8Array> {
    return new ReadableStream({
      start(stream) {
        for (const chunk of first) stream.enqueue(chunk);
      },
      pull: async (stream) => {
        try {
          let given = 0;
          while (given === 0 && !parser.complete) {
            const bytes = await this.#read();
            if (bytes === null) parser.end();
            const body = bytes === null ? [] : parser.feed(bytes);
            for (const chunk of body) stream.enqueue(chunk);
            given += body.length;
          }
          if (!parser.complete) return;
          leave();
          stream.close();
        } catch (error) {
          leave();
          throw signal.aborted ? signal.reason : error;
        }
      },
      cancel: leave,
    });
  }

  async #read(): Promise<Uint8Array | null> {
    const length = await this.#connection.read(this.#buffer);
    return length === null ? null : this.#buffer.subarray(0, length);
  }
}

function bodyOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(stream) {
      for (const chunk of chunks) stream.enqueue(chunk);
      stream.close();
    },
  });
}

/** `Headers` and `URL` have seen to it that neither holds a line break. */
function requestOf(url: URL, headers: Headers): Uint8Array {
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `host: ${url.host}`,
    ...[...headers].map(([name, value]) => `${name}: ${value}`),
  ];
  const text = lines.join("\r\n") + "\r\n\r\n";
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
