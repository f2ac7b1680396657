import assert from "node:assert/strict";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { ConnectionPool } from "./connection_pool.ts";
import { get, type GetOptions } from "./http.ts";

/** What cars.example answers at a port of this machine. */
async function askedAt(port: number, options: Partial<GetOptions> = {}) {
  const pool = new ConnectionPool({ dial: () => Deno.connect({ hostname: "127.0.0.1", port }) });
  try {
    return await get(new URL("http://cars.example/"), {
      headers: {},
      maxBytes: 1_000_000,
      timeoutMs: 5_000,
      transport: pool.send,
      addresses: ["93.184.216.34"],
      ...options,
    });
  } finally {
    pool.close();
  }
}

async function asked(
  answer: (request: Request) => Response | Promise<Response>,
  options: Partial<GetOptions> = {},
) {
  const stop = new AbortController();
  const server = Deno.serve(
    {
      port: 0,
      hostname: "127.0.0.1",
      signal: stop.signal,
      onListen() {},
      onError: () => new Response(),
    },
    answer,
  );
  try {
    return await askedAt(server.addr.port, options);
  } finally {
    stop.abort();
    await server.finished;
  }
}
/** A body of chunks, one every `ms`: the timer of a request is the system's, and runs while it waits. */
function slowly(chunks: number, ms: number): ReadableStream<Uint8Array> {
  let sent = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new ReadableStream({
    async pull(stream) {
      await new Promise((done) => timer = setTimeout(done, ms));
      if (sent++ < chunks) stream.enqueue(new Uint8Array(10));
      else stream.close();
    },
    cancel: () => clearTimeout(timer),
  });
}

Deno.test("an answer comes with its status, headers and whole body", async () => {
  const result = await asked(() => new Response("hello", { headers: { "x-a": "b" } }));
  assert.ok(result.kind === "answer");
  assert.deepEqual([result.status, result.headers.get("x-a")], [200, "b"]);
  assert.equal(new TextDecoder().decode(result.bytes), "hello");
});

Deno.test("the headers given are sent", async () => {
  let seen: Headers | undefined;
  await asked((request) => (seen = request.headers, new Response()), {
    headers: { "user-agent": "someone", "if-none-match": '"a"' },
  });
  assert.deepEqual([seen?.get("user-agent"), seen?.get("if-none-match")], ["someone", '"a"']);
});

Deno.test("no answer within the time is a timeout", async () => {
  let release = () => {};
  const result = await asked(() => new Promise((done) => release = () => done(new Response())), {
    timeoutMs: 100,
  });
  release();
  assert.ok(result.kind === "failed");
  assert.equal(result.code, "timeout");
  assert.match(result.message, /no answer within 0.1 s/);
});

Deno.test("a body that trickles longer than the time is a timeout", async () => {
  const began = performance.now();
  const result = await asked(() => new Response(slowly(100, 40)), { timeoutMs: 200 });
  assert.ok(result.kind === "failed");
  assert.equal(result.code, "timeout");
  assert.match(result.message, /the body did not end/);
  assert.ok(performance.now() - began < 2_000);
});

Deno.test("a body over the limit is refused, by its announced length without reading it", async () => {
  const result = await asked(() => new Response(new Uint8Array(2_000)), { maxBytes: 1_000 });
  assert.equal(result.kind === "failed" && result.code, "too_large");
  const exact = await asked(() => new Response(new Uint8Array(1_000)), { maxBytes: 1_000 });
  assert.equal(exact.kind === "answer" && exact.bytes.length, 1_000);
});

for (const [coding, pack] of [["gzip", gzipSync], ["br", brotliCompressSync]] as const) {
  Deno.test(`a small answer that unpacks to 100 MB is left at the limit: ${coding}`, async () => {
    const bomb = new Uint8Array(pack(new Uint8Array(100 * 1024 * 1024)));
    assert.ok(bomb.length < 200_000);
    const before = Deno.memoryUsage().rss;
    const result = await asked(() =>
      new Response(bomb, { headers: { "content-encoding": coding, "content-type": "text/html" } })
    );
    assert.equal(result.kind === "failed" && result.code, "too_large");
    assert.ok(Deno.memoryUsage().rss - before < 80 * 1024 * 1024);
  });
}

Deno.test("where a part is enough, the limit cuts the body", async () => {
  const result = await asked(() => new Response(new Uint8Array(2_000)), {
    maxBytes: 1_000,
    truncate: true,
  });
  assert.equal(result.kind === "answer" && result.bytes.length, 1_000);
});

Deno.test("of a refusal only the beginning is read", async () => {
  const result = await asked(() => new Response(new Uint8Array(5_000_000), { status: 403 }), {
    maxBytes: 8_000_000,
  });
  assert.equal(result.kind === "answer" && result.bytes.length, 256 * 1024);
});

Deno.test("a redirect is not followed and its body not read", async () => {
  const result = await asked(() =>
    new Response(slowly(1000, 50), { status: 302, headers: { location: "http://127.0.0.1:1/" } })
  );
  assert.ok(result.kind === "answer");
  assert.deepEqual([result.status, result.bytes.length], [302, 0]);
});

Deno.test("a body that breaks off is a network failure", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const served = (async () => {
    const connection = await listener.accept();
    await connection.read(new Uint8Array(4096));
    await connection.write(
      new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<html>only this"),
    );
    connection.close();
  })();
  const result = await askedAt(listener.addr.port);
  await served;
  listener.close();
  assert.equal(result.kind === "failed" && result.code, "network");
});

Deno.test("nobody listening is a network failure", async () => {
  const result = await askedAt(1);
  assert.equal(result.kind === "failed" && result.code, "network");
});

Deno.test("a run that is stopped stops the request", async () => {
  const stop = new AbortController();
  const result = await asked((request) => {
    stop.abort();
    // Answered when the one who asked has gone away, so that the site can end.
    return new Promise((done) => {
      request.signal.addEventListener("abort", () => done(new Response()));
    });
  }, { signal: stop.signal });
  assert.equal(result.kind, "stopped");
});
