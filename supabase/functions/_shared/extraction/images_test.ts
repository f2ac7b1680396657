import assert from "node:assert/strict";
import { imageUrls } from "./images.ts";

Deno.test("imageUrls are absolute, largest, once each, and http only", () => {
  const upload = "https://bringatrailer.com/wp-content/uploads/2026/04/a.jpg";
  assert.deepEqual(
    imageUrls([
      `${upload}?fit=2048%2C1365`,
      `${upload}?w=620&resize=620%2C413`,
      "/b.jpg?v=2#x",
      "data:image/gif;base64,R0",
      "javascript:x",
      "http://",
      null,
      "a b",
    ], "https://cars.example/1"),
    [upload, "https://cars.example/b.jpg?v=2"],
  );
  assert.deepEqual(imageUrls([`${upload}?token=1&w=3`], "https://x.example"), [
    `${upload}?token=1&w=3`,
  ]);
});
