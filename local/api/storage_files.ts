/** Storage's files in a directory: one file an object, named by a hash, its description beside it. */
import { createHash } from "node:crypto";
import { join } from "node:path";

interface FileMetadata {
  mimetype: string;
  cacheControl: string;
  contentLength: number;
  size: number;
  eTag: string;
  lastModified: Date;
  httpStatusCode: number;
}

export interface FileStore {
  write(bucket: string, key: string, bytes: Uint8Array, metadata: FileMetadata): Promise<void>;
  /** @throws Deno.errors.NotFound */
  read(bucket: string, key: string): Promise<Uint8Array<ArrayBuffer>>;
  /** @throws Deno.errors.NotFound */
  describe(bucket: string, key: string): Promise<FileMetadata>;
  /** Nothing happens when it is not there. */
  remove(bucket: string, key: string): Promise<void>;
}

/** @param dir made when it is missing */
export function createFileStore(dir: string): FileStore {
  const place = (bucket: string, key: string) => {
    const name = createHash("sha256").update(`${bucket}/${key}`).digest("hex");
    return join(dir, name.slice(0, 2), name);
  };
  return {
    async write(bucket, key, bytes, metadata) {
      const path = place(bucket, key);
      const description = new TextEncoder().encode(JSON.stringify(metadata));
      const write = () =>
        Promise.all([writeWhole(path, bytes), writeWhole(`${path}.json`, description)]);
      // Its folder, one of 256, is there nearly always.
      await write().catch(async (error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        await Deno.mkdir(join(path, ".."), { recursive: true });
        await write();
      });
    },
    read: (bucket, key) => Deno.readFile(place(bucket, key)),
    async describe(bucket, key) {
      const text = await Deno.readTextFile(`${place(bucket, key)}.json`);
      const metadata: FileMetadata & { lastModified: string } = JSON.parse(text);
      return { ...metadata, lastModified: new Date(metadata.lastModified) };
    },
    async remove(bucket, key) {
      const path = place(bucket, key);
      await Promise.all([removeIfThere(path), removeIfThere(`${path}.json`)]);
    },
  };
}

/** What Storage keeps about an object. */
export function describeBytes(
  bytes: Uint8Array,
  mimetype: string,
  cacheControl: string,
): FileMetadata {
  return {
    mimetype,
    cacheControl,
    contentLength: bytes.length,
    size: bytes.length,
    eTag: `"${createHash("md5").update(bytes).digest("hex")}"`,
    lastModified: new Date(),
    httpStatusCode: 200,
  };
}

/** A reader sees the old bytes or the new ones, never half of them. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${crypto.randomUUID()}`;
  await Deno.writeFile(draft, bytes);
  await Deno.rename(draft, path);
}

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
