import { Buffer } from "node:buffer";

/** Most bytes of an answer that are not body: status line, headers, trailers, the heads of chunks. */
const MAX_FRAMING = 128 * 1024;
/** Besides, for each byte of body: millions of chunks of a byte would be seconds of CPU. */
const FRAMING_PER_BYTE = 0.5;

/** What a server sent is no answer of HTTP/1.1. */
export class ProtocolError extends Error {
  override name = "ProtocolError";
}

/** What comes before a body. */
export interface Head {
  status: number;
  headers: Headers;
}

type State = "status" | "header" | "sized" | "raw" | "size" | "chunk" | "gap" | "trailer" | "done";

/**
 * Reads the answer to one GET (RFC 9112): status, headers, and a body by its length, in chunks, or to
 * the end of the connection. Strict, since what it reads is whatever a stranger sends: its memory and
 * its time are bounded by the bytes it is fed, and what the standard does not allow is an error.
 *
 * Own code, because http-parser-js 0.5.10 never returns from a chunk of size -5, and because loading
 * undici 7, whose parser is good, takes 110 ms of each cold start, and its sockets are two to six times
 * slower than Deno's own in Deno 2.1, which functions are hosted on.
 */
export class ResponseParser {
  /** Status and headers, once they are complete; those of a 1xx are passed over. */
  head: Head | null = null;
  /** Whether another request may follow on the same connection; known when the answer is complete. */
  keepAlive = false;
  #state: State = "status";
  #line = "";
  #version = "";
  #fields: [name: string, value: string][] = [];
  #left = 0;
  #framing = 0;
  #body = 0;

  get complete(): boolean {
    return this.#state === "done";
  }

  /**
   * Takes what came in and gives the body in it, copied: the buffer may be used again.
   * @throws ProtocolError
   */
  feed(bytes: Uint8Array): Uint8Array[] {
    const body: Uint8Array[] = [];
    let at = 0;
    while (at < bytes.length && this.#state !== "done") {
      if (this.#state === "sized" || this.#state === "chunk" || this.#state === "raw") {
        const end = this.#state === "raw" ? bytes.length : Math.min(bytes.length, at + this.#left);
        body.push(bytes.slice(at, end));
        this.#body += end - at;
        this.#left -= end - at;
        if (this.#left === 0 && this.#state !== "raw") {
          this.#state = this.#state === "chunk" ? "gap" : "done";
        }
        at = end;
        continue;
      }
      const feed = bytes.indexOf(LF, at);
      const end = feed < 0 ? bytes.length : feed + 1;
      this.#framing += end - at;
      if (this.#framing > MAX_FRAMING + FRAMING_PER_BYTE * this.#body) {
        throw new ProtocolError("the headers, or the heads of the chunks, are too long");
      }
      this.#line += latin1(bytes.subarray(at, end));
      at = end;
      if (feed >= 0) {
        const line = this.#line.replace(/\r?\n$/, "");
        this.#line = "";
        this.#readLine(line);
      }
    }
    // More than was asked for: nobody knows what the next answer would be taken from.
    if (at < bytes.length) this.keepAlive = false;
    return body;
  }

  /** The connection has ended. @throws ProtocolError when the answer has not. */
  end(): void {
    this.keepAlive = false;
    if (this.#state === "raw") this.#state = "done";
    if (this.#state !== "done") {
      throw new ProtocolError("the connection ended before the answer did");
    }
  }

  #readLine(line: string): void {
    switch (this.#state) {
      case "status": {
        const match = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(line);
        if (match === null) throw new ProtocolError("what was answered is not HTTP/1.1");
        this.#version = match[1] ?? "";
        this.head = { status: Number(match[2]), headers: new Headers() };
        this.#fields = [];
        this.#state = "header";
        return;
      }
      case "header":
        if (line !== "") this.#fields.push(field(line));
        else this.#readHead();
        return;
      case "size": {
        const match = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line);
        if (match === null) throw new ProtocolError("a chunk without its size");
        this.#left = parseInt(match[1] ?? "", 16);
        this.#state = this.#left === 0 ? "trailer" : "chunk";
        return;
      }
      case "gap":
        if (line !== "") throw new ProtocolError("a chunk that is longer than its size");
        this.#state = "size";
        return;
      case "trailer":
        if (line === "") this.#state = "done";
        return;
      default:
        throw new Error(`no line is read in the state ${this.#state}`);
    }
  }

  #readHead(): void {
    const { head } = this;
    if (head === null) throw new Error("headers without a status");
    for (const [name, value] of this.#fields) head.headers.append(name, value);
    if (head.status === 101) throw new ProtocolError("it switches to a protocol nobody asked for");
    if (head.status < 200) {
      this.head = null;
      this.#state = "status";
      return;
    }
    const coding = head.headers.get("transfer-encoding")?.toLowerCase() ?? null;
    const length = contentLength(head.headers);
    if (coding !== null && coding !== "chunked") {
      throw new ProtocolError(`the transfer-encoding ${coding} was not asked for`);
    }
    const closes = /(^|,)\s*close\s*(,|$)/i.test(head.headers.get("connection") ?? "");
    // Both lengths at once is how answers are smuggled (RFC 9112, 6.3): this one is the last.
    this.keepAlive = this.#version === "1" && !closes && (coding === null) !== (length === null);
    if (head.status === 204 || head.status === 304) {
      this.keepAlive = this.#version === "1" && !closes;
      this.#state = "done";
    } else if (coding !== null) this.#state = "size";
    else if (length === null) this.#state = "raw";
    else {
      this.#left = length;
      this.#state = length === 0 ? "done" : "sized";
    }
  }
}

const LF = 0x0a;

function field(line: string): [name: string, value: string] {
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/.exec(line);
  if (match === null) throw new ProtocolError("a header that is none");
  return [match[1] ?? "", match[2] ?? ""];
}

/** Several lengths are taken when they are the same (RFC 9112, 6.3). */
function contentLength(headers: Headers): number | null {
  const lengths = headers.get("content-length")?.split(",").map((one) => one.trim());
  if (lengths === undefined) return null;
  const [length = ""] = lengths;
  if (!/^\d{1,15}$/.test(length) || lengths.some((one) => one !== length)) {
    throw new ProtocolError("a content-length that is no length");
  }
  return Number(length);
}

/** Not by TextDecoder, whose "latin1" is Windows-1252. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
