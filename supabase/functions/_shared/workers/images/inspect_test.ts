import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import { inspectImage } from "./inspect.ts";
import { pngOf, type Sample, sample, SAMPLES } from "./testing/samples.ts";

const text = (words: string) => new TextEncoder().encode(words);
const why = (bytes: Uint8Array) => {
  const image = inspectImage(bytes);
  return image.ok ? `taken as ${image.mime}` : image.why;
};

Deno.test("each format is told by its bytes and measured by its header", () => {
  const formats: Record<Sample, [string, string]> = {
    jpeg: ["image/jpeg", "jpg"],
    jpegProgressive: ["image/jpeg", "jpg"],
    png: ["image/png", "png"],
    gif: ["image/gif", "gif"],
    webpLossy: ["image/webp", "webp"],
    webpLossless: ["image/webp", "webp"],
    webpExtended: ["image/webp", "webp"],
    avif: ["image/avif", "avif"],
    avifAlpha: ["image/avif", "avif"],
  };
  for (const name of SAMPLES) {
    const [mime, extension] = formats[name];
    assert.deepEqual(
      inspectImage(sample(name)),
      { ok: true, mime, extension, width: 90, height: 60 },
      name,
    );
  }
});

Deno.test("what is no image is named for what it looks like", () => {
  assert.match(why(new Uint8Array()), /an empty file/);
  assert.match(why(text("\ufeff  <!DOCTYPE html><title>Just a moment…</title>")), /an HTML page/);
  assert.match(why(text('<html><body><img src="a.jpg">')), /an HTML page/);
  assert.match(why(text('<?xml version="1.0"?>\n<svg xmlns="…"></svg>')), /an SVG drawing/);
  assert.match(why(text('<svg viewBox="0 0 9 9" onload="alert(1)"/>')), /an SVG drawing/);
  assert.match(why(text("<?xml version='1.0'?><Error/>")), /XML/);
  assert.match(why(text("%PDF-1.7")), /a PDF/);
  assert.match(why(text('{"error":"not found"}')), /JSON/);
  assert.match(why(text("BM6...")), /begins 42 4d 36/);
});

Deno.test("an image too small for a photo is refused with its size", () => {
  assert.match(why(pngOf(1, 1)), /too small for a photo: 1×1 pixels/);
  assert.match(why(pngOf(2000, 49)), /2000×49/);
  assert.equal(why(pngOf(50, 50)), "taken as image/png");
});

Deno.test("a header that states no size, or one that no photo has, is a damaged image", () => {
  for (const [width, height] of [[0, 600], [600, 0], [4_294_967_295, 600], [70_000, 70_000]]) {
    assert.match(why(pngOf(width ?? 0, height ?? 0)), /a damaged image: no size/);
  }
  assert.match(why(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)), /a damaged image/);
});

Deno.test("a JPEG's thumbnail does not pass for the picture", () => {
  const whole = sample("jpeg");
  // An APP1 segment whose content looks like the frame of a 16 by 16 picture.
  const frame = [0xff, 0xc0, 0, 17, 8, 0, 16, 0, 16, 3];
  const segment = [0xff, 0xe1, 0, 2 + frame.length, ...frame];
  const bytes = Uint8Array.of(...whole.subarray(0, 2), ...segment, ...whole.subarray(2));
  assert.deepEqual(inspectImage(bytes), inspectImage(whole));
});

Deno.test("an image cut off anywhere is measured rightly or refused", () => {
  for (const name of SAMPLES) {
    const whole = sample(name);
    const full = inspectImage(whole);
    for (let length = 0; length < whole.length; length++) {
      const cut = inspectImage(whole.subarray(0, length));
      if (cut.ok) assert.deepEqual(cut, full, `${name} cut at ${length}`);
    }
  }
});

Deno.test("damaged images never throw and never claim an absurd size", () => {
  const damaged = fc.constantFrom(...SAMPLES).chain((name) =>
    fc.array(fc.tuple(fc.nat(sample(name).length - 1), fc.nat(255)), { maxLength: 12 })
      .map((changes) => {
        const bytes = sample(name);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      })
  );
  fc.assert(
    fc.property(damaged, (bytes) => {
      const image = inspectImage(bytes);
      if (image.ok) {
        assert.ok(image.width >= 50 && image.width <= 65_535, String(image.width));
        assert.ok(image.height >= 50 && image.height <= 65_535, String(image.height));
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("eight megabytes made to be slow are read in a moment", () => {
  const SIZE = 8 * 1024 * 1024;
  const start = (...bytes: number[]) => (rest: (view: Uint8Array) => void) => {
    const all = new Uint8Array(SIZE);
    rest(all);
    all.set(bytes);
    return all;
  };
  const ftyp = [0, 0, 0, 16, 0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69, 0x66, 0, 0, 0, 0];
  const hostile: [string, Uint8Array][] = [
    ["fill bytes", start(0xff, 0xd8, 0xff)((view) => view.fill(0xff))],
    [
      "restart markers",
      start(0xff, 0xd8)((view) => view.forEach((_, at) => view[at] = at % 2 ? 0xd0 : 0xff)),
    ],
    [
      "empty segments",
      start(0xff, 0xd8)((view) =>
        view.forEach((_, at) => view[at] = [0xff, 0xe0, 0, 2][(at + 2) % 4] ?? 0)
      ),
    ],
    ["boxes of no size", start(...ftyp)(() => {})],
    [
      "boxes of 8 bytes",
      start(...ftyp)((view) => view.forEach((_, at) => view[at] = at % 8 === 3 ? 8 : 0)),
    ],
  ];
  for (const [what, bytes] of hostile) {
    // CPU, not wall time: other tests run beside this one.
    const before = process.cpuUsage();
    assert.equal(inspectImage(bytes).ok, false, what);
    const used = process.cpuUsage(before);
    const ms = (used.user + used.system) / 1000;
    assert.ok(ms < 1_000, `${what} took ${ms} ms of CPU`);
  }
});
