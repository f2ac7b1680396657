import assert from "node:assert/strict";
import { z } from "zod";
import { BadRequest, readBody } from "./body.ts";

const schema = z.strictObject({ text: z.string().optional() });
const request = (body: BodyInit) => new Request("http://localhost/", { method: "POST", body });
const refused = async (body: BodyInit) => {
  const error = await readBody(request(body), schema).catch((error) => error);
  assert.ok(error instanceof BadRequest, String(error));
  return error;
};

Deno.test("a body is read, an empty one is an empty object", async () => {
  assert.deepEqual(await readBody(request('{"text": "Citroën"}'), schema), { text: "Citroën" });
  assert.deepEqual(await readBody(request(" "), schema), {});
});

Deno.test("of a body without an end, hardly more than the limit is taken", async () => {
  let taken = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(stream) {
      taken += 16 * 1024;
      stream.enqueue(new Uint8Array(16 * 1024).fill(0x20));
    },
  });
  assert.equal((await refused(endless)).status, 413);
  assert.ok(taken <= 320 * 1024, `${taken} bytes`);
});

Deno.test("characters that are cut by the network are put together, broken ones are refused", async () => {
  const bytes = new TextEncoder().encode('{"text": "é🚗"}');
  const cut = new ReadableStream<Uint8Array>({
    start(stream) {
      for (const byte of bytes) stream.enqueue(new Uint8Array([byte]));
      stream.close();
    },
  });
  assert.deepEqual(await readBody(request(cut), schema), { text: "é🚗" });
  assert.match((await refused(new Uint8Array([0x22, 0xff, 0x22]))).message, /not UTF-8/);
  assert.match((await refused(bytes.slice(0, -4))).message, /not UTF-8/);
});

Deno.test("of many mistakes 20 are kept, and none is long", () => {
  const mistakes = Array.from({ length: 50 }, (_, n) => ({
    path: `${n}${"p".repeat(500)}`,
    message: "🚗".repeat(500),
  }));
  const error = new BadRequest("m".repeat(5_000), mistakes);
  assert.equal(error.mistakes.length, 20);
  assert.match(error.message, /^m{199}… \(and 30 more\)$/);
  for (const { path, message } of error.mistakes) {
    assert.ok(path.length <= 200 && message.length <= 200);
    assert.ok(message.isWellFormed());
  }
});
