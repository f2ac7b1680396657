import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { createFileStore, describeBytes } from "./storage_files.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (words: string) => new TextEncoder().encode(words);

async function inDirectory(look: (dir: string) => void): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    look(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("an object and its description come back as they were written, and go together", () =>
  inDirectory((dir) => {
    const files = createFileStore(dir);
    const bytes = bytesOf('{"not": "its description"}\nsecond line');
    const metadata = describeBytes(bytes, "text/plain", "no-cache");
    files.write("pages", "a/b.gz", bytes, metadata);
    assert.equal(text(files.read("pages", "a/b.gz")), text(bytes));
    assert.deepEqual(files.describe("pages", "a/b.gz"), metadata);

    files.write("pages", "a/b.gz", bytesOf(""), describeBytes(bytesOf(""), "text/html", "x"));
    assert.equal(files.read("pages", "a/b.gz").length, 0);
    assert.equal(files.describe("pages", "a/b.gz").mimetype, "text/html");

    files.remove("pages", "a/b.gz");
    files.remove("pages", "a/b.gz");
    assert.throws(() => files.read("pages", "a/b.gz"), Deno.errors.NotFound);
    assert.throws(() => files.describe("pages", "a/b.gz"), Deno.errors.NotFound);
  }));

Deno.test("an object of an older stack, its description in a file beside it, is read, written over and removed", () =>
  inDirectory((dir) => {
    const name = createHash("sha256").update("pages/old.gz").digest("hex");
    const path = join(dir, name.slice(0, 2), name);
    const old = describeBytes(bytesOf("old"), "text/plain", "no-cache");
    Deno.mkdirSync(join(path, ".."));
    Deno.writeFileSync(path, bytesOf("old"));
    Deno.writeTextFileSync(`${path}.json`, JSON.stringify(old));

    const files = createFileStore(dir);
    assert.equal(text(files.read("pages", "old.gz")), "old");
    assert.deepEqual(files.describe("pages", "old.gz"), old);

    files.write("pages", "old.gz", bytesOf("new"), old);
    assert.equal(text(files.read("pages", "old.gz")), "new");
    files.remove("pages", "old.gz");
    assert.throws(() => files.read("pages", "old.gz"), Deno.errors.NotFound);
  }));
