import assert from "node:assert/strict";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { type Certificate, certificateFor } from "../testing/certificate.ts";
import { ConnectionPool } from "./connection_pool.ts";
import type { Dial } from "./dial.ts";
import type { Incoming } from "./transport.ts";

const certificate = certificateFor("cars.example");

type Handler = (request: Request, from: string) => Response | Promise<Response>;

/** A site at every address, over http and https, and a pool that reaches it. */
function site(answer: Handler) {
  let now = 0;
  const dialed: string[] = [];
  const serve = (tls: Partial<Certificate>) =>
    Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {}, ...tls },
      (request, { remoteAddr }) => answer(request, String(remoteAddr.port)),
    );
  const servers = [
    serve({}),
    serve(certificate),
  ] as const;
  const dial: Dial = (address, port) => {
    dialed.push(`${address}:${port}`);
    return Deno.connect({ hostname: "127.0.0.1", port: servers[port === 443 ? 1 : 0].addr.port });
  };
  const pool = new ConnectionPool({ caCerts: [certificate.cert], now: () => now, dial });
  return {
    pool,
    dial,
    dialed,
    later: (ms: number) => void (now += ms),
    async get(url: string, addresses = ["93.184.216.34"], headers = {}) {
      const signal = new AbortController().signal;
      const sent = await pool.send(new URL(url), {
        headers: new Headers(headers),
        signal,
        addresses,
      });
      return await whole(sent);
    },
    async [Symbol.asyncDispose]() {
      pool.close();
      await Promise.all(servers.map((one) => one.shutdown()));
    },
  };
}
async function whole({ status, headers, body }: Incoming) {
  return { status, headers, text: await new Response(body).text() };
}

for (const scheme of ["http", "https"]) {
  Deno.test(`${scheme}: the address that was checked is connected to, the name asked for`, async () => {
    await using it = site((request) => Response.json([request.url, [...request.headers]]));
    const { text } = await it.get(`${scheme}://cars.example/a?b=%C3%A9`, ["93.184.216.34"], {
      "user-agent": "someone",
    });
    assert.deepEqual(it.dialed, [`93.184.216.34:${scheme === "http" ? 80 : 443}`]);
    assert.deepEqual(JSON.parse(text), [`${scheme}://cars.example/a?b=%C3%A9`, [
      ["accept-encoding", "gzip, br"],
      ["host", "cars.example"],
      ["user-agent", "someone"],
    ]]);
  });

  Deno.test(`${scheme}: one connection takes one request after another`, async () => {
    await using it = site((request, from) =>
      new Response(request.url.endsWith("/304") ? null : from, {
        status: request.url.endsWith("/304") ? 304 : 200,
      })
    );
    const first = await it.get(`${scheme}://cars.example/a`);
    await it.get(`${scheme}://cars.example/304`);
    const third = await it.get(`${scheme}://cars.example/b`);
    assert.equal(third.text, first.text);
    assert.equal(it.dialed.length, 1);
  });
}

Deno.test("a connection is not taken for another name, another address, or after half a minute", async () => {
  await using it = site(() => new Response("x"));
  await it.get("http://cars.example/");
  await it.get("http://other.example/");
  await it.get("http://cars.example/", ["93.184.216.35"]);
  assert.equal(it.dialed.length, 3);
  await it.get("http://cars.example/", ["93.184.216.36", "93.184.216.34"]);
  assert.equal(it.dialed.length, 3);
  it.later(30_001);
  await it.get("http://cars.example/");
  assert.equal(it.dialed.length, 4);
});

Deno.test("several requests at once have a connection each", async () => {
  let waiting = 0;
  const both = Promise.withResolvers<void>();
  await using it = site(async () => {
    if (++waiting === 2) both.resolve();
    await both.promise;
    return new Response("x");
  });
  await Promise.all([it.get("http://cars.example/1"), it.get("http://cars.example/2")]);
  assert.equal(it.dialed.length, 2);
});

Deno.test("a request on a connection that the server has closed meanwhile is sent on a new one", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const served = (async () => {
    for (let n = 0; n < 2; n++) {
      const connection = await listener.accept();
      await connection.read(new Uint8Array(4096));
      await connection.write(
        new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx"),
      );
      connection.close();
    }
  })();
  const { port } = listener.addr;
  const pool = new ConnectionPool({ dial: () => Deno.connect({ hostname: "127.0.0.1", port }) });
  const signal = new AbortController().signal;
  for (let n = 0; n < 2; n++) {
    const headers = new Headers();
    const sent = { headers, signal, addresses: ["93.184.216.34"] };
    assert.equal((await whole(await pool.send(new URL("http://cars.example/"), sent))).text, "x");
  }
  await served;
  pool.close();
  listener.close();
});

Deno.test("a certificate for another name, or of an unknown authority, is refused", async () => {
  let asked = 0;
  await using it = site(() => (asked++, new Response("secret")));
  await assert.rejects(it.get("https://rebind.example/"), /certificate/i);
  await assert.rejects(it.get("https://93.184.216.34/"), /certificate/i);
  const { signal } = new AbortController();
  const sent = { headers: new Headers(), signal, addresses: ["93.184.216.34"] };
  const stranger = new ConnectionPool({ dial: it.dial });
  await assert.rejects(stranger.send(new URL("https://cars.example/"), sent), /certificate/i);
  assert.equal(asked, 0);
});

for (
  const [coding, pack] of Object.entries({
    gzip: gzipSync,
    "X-Gzip": gzipSync,
    deflate: deflateSync,
    br: brotliCompressSync,
    identity: (text: string) => new TextEncoder().encode(text),
  })
) {
  Deno.test(`a body in ${coding} is unpacked`, async () => {
    const page = "Citroën ".repeat(50_000);
    await using it = site(() =>
      new Response(new Uint8Array(pack(page)), { headers: { "content-encoding": coding } })
    );
    assert.equal((await it.get("http://cars.example/")).text, page);
    assert.equal((await it.get("http://cars.example/")).text, page);
    assert.equal(it.dialed.length, 1);
  });
}

Deno.test("a coding nobody asked for, and a body that is not in its coding, are failures", async () => {
  await using it = site((request) =>
    new Response("<html>", {
      headers: { "content-encoding": new URL(request.url).pathname.slice(1) },
    })
  );
  await assert.rejects(it.get("http://cars.example/zstd"), /zstd was not asked for/);
  await assert.rejects(it.get("http://cars.example/gzip,gzip,gzip"), /content-codings/);
  await assert.rejects(it.get("http://cars.example/gzip"), /not in its content-coding, gzip/);
});

Deno.test("a packed body that breaks off is a failure", async () => {
  await using it = site(() => {
    const packed = gzipSync(crypto.getRandomValues(new Uint8Array(1_000)));
    return new Response(packed.subarray(0, 500), { headers: { "content-encoding": "gzip" } });
  });
  await assert.rejects(it.get("http://cars.example/"), /not in its content-coding, gzip/);
});

Deno.test("a body that is cancelled closes its connection, unless it is there already", async () => {
  await using it = site((request) =>
    new Response(request.url.endsWith("/short") ? "x" : new Uint8Array(5_000_000))
  );
  const signal = new AbortController().signal;
  const send = (url: string) =>
    it.pool.send(new URL(url), { headers: new Headers(), signal, addresses: ["93.184.216.34"] });
  await (await send("http://cars.example/long")).body?.cancel();
  await (await send("http://cars.example/short")).body?.cancel();
  assert.equal(it.dialed.length, 2);
  await (await send("http://cars.example/short")).body?.cancel();
  assert.equal(it.dialed.length, 2);
});

for (const scheme of ["http", "https"]) {
  Deno.test(`an abort ends a request that is not answered, over ${scheme}`, async () => {
    const silent = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const accepted = silent.accept();
    const { port } = silent.addr;
    const pool = new ConnectionPool({ dial: () => Deno.connect({ hostname: "127.0.0.1", port }) });
    const stop = new AbortController();
    const sent = { headers: new Headers(), signal: stop.signal, addresses: ["93.184.216.34"] };
    const pending = pool.send(new URL(`${scheme}://cars.example/`), sent);
    setTimeout(() => stop.abort(new Error("enough")), 50);
    await assert.rejects(pending, /enough/);
    (await accepted).close();
    silent.close();
  });
}
