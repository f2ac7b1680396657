/**
 * Storage's files in a directory: one file an object, named by a hash: its description in a line of
 * JSON, then its bytes. Before 0.2.0 the description was a file beside it, which is still read.
 */
import { Buffer } from "node:buffer";
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

/** At once: a page is written in less time than it takes to hand it to another thread. */
export interface FileStore {
  write(bucket: string, key: string, bytes: Uint8Array, metadata: FileMetadata): void;
  /** @throws Deno.errors.NotFound */
  read(bucket: string, key: string): Uint8Array<ArrayBuffer>;
  /** @throws Deno.errors.NotFound */
  describe(bucket: string, key: string): FileMetadata;
  /** Nothing happens when it is not there. */
  remove(bucket: string, key: string): void;
}

/** @param dir made when it is missing */
export function createFileStore(dir: string): FileStore {
  const place = (bucket: string, key: string) => {
    const name = createHash("sha256").update(`${bucket}/${key}`).digest("hex");
    return join(dir, name.slice(0, 2), name);
  };
  return {
    write(bucket, key, bytes, metadata) {
      const path = whole(place(bucket, key));
      const object = Buffer.concat([Buffer.from(`${JSON.stringify(metadata)}\n`), bytes]);
      // Its folder, one of 256, is there nearly always.
      try {
        writeWhole(path, object);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        Deno.mkdirSync(join(path, ".."), { recursive: true });
        writeWhole(path, object);
      }
    },
    read: (bucket, key) => readObject(place(bucket, key)).bytes,
    describe(bucket, key) {
      const metadata: FileMetadata & { lastModified: string } = JSON.parse(
        readObject(place(bucket, key)).description,
      );
      return { ...metadata, lastModified: new Date(metadata.lastModified) };
    },
    remove(bucket, key) {
      const path = place(bucket, key);
      for (const file of [whole(path), path, `${path}.json`]) removeIfThere(file);
    },
  };
}

const whole = (path: string) => `${path}.object`;

/** @throws Deno.errors.NotFound */
function readObject(path: string): { description: string; bytes: Uint8Array<ArrayBuffer> } {
  let object;
  try {
    object = Deno.readFileSync(whole(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { description: Deno.readTextFileSync(`${path}.json`), bytes: Deno.readFileSync(path) };
  }
  const end = object.indexOf("\n".charCodeAt(0));
  return {
    description: new TextDecoder().decode(object.subarray(0, end)),
    bytes: object.subarray(end + 1),
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
function writeWhole(path: string, bytes: Uint8Array): void {
  const draft = `${path}.${crypto.randomUUID()}`;
  Deno.writeFileSync(draft, bytes);
  Deno.renameSync(draft, path);
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
