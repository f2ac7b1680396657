import { strict as assert } from "node:assert";
import { inflateSync } from "node:zlib";
import { imageBytes } from "./serve.ts";

const RED = [190, 24, 28] as const;
const none = new URLSearchParams();
const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

Deno.test("a JPEG has its frame's size, a scan and an end", () => {
  const { bytes, type } = imageBytes("/a-1-1.jpg", none, "a", RED);
  assert.equal(type, "image/jpeg");
  assert.equal(hex(bytes.subarray(0, 3)), "ffd8ff");
  assert.equal(hex(bytes.subarray(-2)), "ffd9");
  const text = hex(bytes);
  const frame = bytes.subarray(text.indexOf("ffc0") / 2);
  const view = new DataView(frame.buffer, frame.byteOffset);
  assert.deepEqual([view.getUint16(5), view.getUint16(7)], [216, 320]);
  const scan = bytes.subarray(text.indexOf("ffda") / 2 + 14, -2);
  for (let i = 0; i < scan.length; i++) {
    if (scan[i] === 0xff) assert.equal(scan[i + 1], 0, "a marker inside the scan");
  }
});

Deno.test("a PNG has its size, and rows of the right length", () => {
  const { bytes, type } = imageBytes("/a-1-1.png", none, "a", RED);
  assert.equal(type, "image/png");
  const view = new DataView(bytes.buffer);
  assert.deepEqual([view.getUint32(16), view.getUint32(20)], [320, 216]);
  const length = view.getUint32(33);
  const rows = inflateSync(bytes.subarray(41, 41 + length));
  assert.equal(rows.length, (320 * 3 + 1) * 216);
});

Deno.test("equal names give equal bytes, other names other bytes", () => {
  const of = (name: string) => hex(imageBytes("/x.jpg", none, name, RED).bytes);
  assert.equal(of("site/1/1"), of("site/1/1"));
  const all = new Set(Array.from({ length: 200 }, (_, i) => of(`site/${i}/1`)));
  assert.equal(all.size, 200);
});

Deno.test("a thumbnail is a smaller picture", () => {
  const large = imageBytes("/x.jpg", none, "a", RED).bytes;
  const small = imageBytes("/x.jpg", new URLSearchParams("resize=155,105"), "a", RED).bytes;
  assert.ok(small.length < large.length);
});
