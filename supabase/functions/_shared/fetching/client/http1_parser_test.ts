import assert from "node:assert/strict";
import fc from "fast-check";
import { ProtocolError, ResponseParser } from "./http1_parser.ts";

const bytes = (text: string) => Uint8Array.from(text, (one) => one.charCodeAt(0));
const text = (chunks: Uint8Array[]) =>
  chunks.map((chunk) => String.fromCharCode(...chunk)).join("");

/** What an answer comes to when the connection ends after it, fed in pieces of `size`. */
function read(answer: string, size = answer.length) {
  const parser = new ResponseParser();
  const whole = bytes(answer);
  const body: Uint8Array[] = [];
  for (let at = 0; at < whole.length; at += size) {
    body.push(...parser.feed(whole.subarray(at, at + size)));
  }
  const early = parser.complete;
  const { keepAlive } = parser;
  if (!early) parser.end();
  return {
    status: parser.head?.status,
    headers: [...parser.head?.headers ?? []],
    body: text(body),
    keepAlive,
    early,
  };
}
const refused = (answer: string, size?: number) =>
  assert.throws(
    () => read(answer, size),
    (error) => error instanceof ProtocolError || error instanceof TypeError,
  );

Deno.test("a body ends with its length, in chunks, or with the connection", () => {
  const sized = read("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
  assert.deepEqual([sized.status, sized.body, sized.keepAlive, sized.early], [
    200,
    "hello",
    true,
    true,
  ]);
  const chunked = read(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nx: y\r\n\r\n",
  );
  assert.deepEqual([chunked.body, chunked.keepAlive, chunked.early], ["hello", true, true]);
  const raw = read("HTTP/1.1 200 OK\r\n\r\nhello");
  assert.deepEqual([raw.body, raw.keepAlive, raw.early], ["hello", false, false]);
});

Deno.test("204 and 304 have no body, whatever length they name", () => {
  for (const status of [204, 304]) {
    const { body, early, keepAlive } = read(`HTTP/1.1 ${status} x\r\ncontent-length: 5\r\n\r\n`);
    assert.deepEqual([body, early, keepAlive], ["", true, true]);
  }
});

Deno.test("answers of 1xx come before the one that counts", () => {
  const answer = read(
    "HTTP/1.1 103 Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 404\r\ncontent-length: 0\r\n\r\n",
  );
  assert.deepEqual([answer.status, answer.headers], [404, [["content-length", "0"]]]);
});

Deno.test("a connection is used again only when both agree on where the answer ends", () => {
  const kept = (headers: string, version = "1.1", rest = "") =>
    read(`HTTP/${version} 200 OK\r\n${headers}\r\n\r\n${rest}`).keepAlive;
  assert.equal(kept("content-length: 0"), true);
  assert.equal(kept("content-length: 0", "1.0"), false);
  assert.equal(kept("content-length: 0\r\nConnection: foo, Close"), false);
  assert.equal(kept("content-length: 0", "1.1", "HTTP/1.1 200 OK\r\n"), false);
  assert.equal(kept("content-length: 3\r\ntransfer-encoding: chunked", "1.1", "0\r\n\r\n"), false);
});

Deno.test("what is no answer of HTTP/1.1 is refused", () => {
  const head = "HTTP/1.1 200 OK\r\n";
  const chunked = `${head}transfer-encoding: chunked\r\n\r\n`;
  for (
    const answer of [
      "",
      "SSH-2.0-OpenSSH\r\n",
      "HTTP/2 200\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\n\r\n",
      `${head}no colon\r\n\r\n`,
      `${head}a : b\r\n\r\n`,
      `${head} folded\r\n\r\n`,
      `${head}a: b\0c\r\n\r\n`,
      `${head}content-length: 5\r\n\r\nhell`,
      `${head}content-length: -5\r\n\r\n`,
      `${head}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`,
      `${head}content-length: 0x5\r\n\r\nhello`,
      `${head}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      `${chunked}-5\r\n`,
      `${chunked}\r\n\r\n-5\r\n\r\n`,
      `${chunked}zz\r\n`,
      `${chunked}fffffffffffffffff\r\n`,
      `${chunked}3\r\nhello\r\n0\r\n\r\n`,
      `${chunked}5\r\nhello\r\n`,
    ]
  ) refused(answer);
});

Deno.test("headers, chunk heads and trailers without an end are left", () => {
  const long = "x".repeat(200_000);
  const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  for (
    const answer of [
      long,
      `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(40_000)}`,
      `HTTP/1.1 200 OK\r\na: ${long}`,
      `${chunked}5;${long}`,
      `${chunked}0\r\n${"a: b\r\n".repeat(40_000)}`,
      "HTTP/1.1 100 Continue\r\n\r\n".repeat(10_000),
      `${chunked}${"1\r\nx\r\n".repeat(100_000)}0\r\n\r\n`,
    ]
  ) {
    assert.throws(() => read(answer, 1_000), /too long/);
  }
  const small = `${chunked}${`10\r\n${"x".repeat(16)}\r\n`.repeat(50_000)}0\r\n\r\n`;
  assert.equal(read(small, 60_000).body.length, 800_000);
});

const chunk = fc.string({ minLength: 1, maxLength: 40, unit: "binary-ascii" });

Deno.test("an answer is read alike however it is cut", () => {
  fc.assert(
    fc.property(
      fc.array(chunk),
      fc.boolean(),
      fc.integer({ min: 1, max: 50 }),
      (parts, chunks, size) => {
        const body = parts.join("");
        const answer = chunks
          ? `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${
            parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join("")
          }0\r\n\r\n`
          : `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
        const whole = read(answer);
        assert.equal(whole.body, body);
        assert.deepEqual(read(answer, size), whole);
      },
    ),
  );
});

Deno.test("whatever a server sends, reading it ends, and no more comes out than went in", () => {
  const piece = fc.constantFrom(
    ..."HTTP/1.1 200 OK\r\n|\r\n|content-length: 3|transfer-encoding: chunked|0\r\n|-5\r\n|ffff\r\n|a:b\r\n|\n|\0|:"
      .split("|"),
  );
  const junk = fc.array(fc.oneof(piece, fc.string({ maxLength: 8, unit: "binary-ascii" })), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(junk, fc.integer({ min: 1, max: 20 }), (parts, size) => {
      const answer = parts.join("");
      try {
        assert.ok(read(answer, size).body.length <= answer.length);
      } catch (error) {
        assert.ok(error instanceof ProtocolError || error instanceof TypeError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});
