/** Storage's files in a directory: one file an object, named by a hash, its description beside it. */
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import type { App } from "@supabase/lite";

type Adapter = NonNullable<App["_storageAdapter"]>;
type Metadata = Awaited<ReturnType<Adapter["headObject"]>>;

/** @param dir made when it is missing */
export function createStorageAdapter(dir: string): Adapter {
  const place = (bucket: string, key: string) => {
    const name = createHash("sha256").update(`${bucket}/${key}`).digest("hex");
    return join(dir, name.slice(0, 2), name);
  };

  async function store(
    path: string,
    bytes: Uint8Array,
    about: { mimetype: string; cacheControl: string },
  ) {
    const metadata: Metadata = {
      ...about,
      contentLength: bytes.length,
      size: bytes.length,
      eTag: `"${createHash("md5").update(bytes).digest("hex")}"`,
      lastModified: new Date(),
      httpStatusCode: 200,
    };
    await Deno.mkdir(join(path, ".."), { recursive: true });
    await writeWhole(path, bytes);
    await writeWhole(`${path}.json`, new TextEncoder().encode(JSON.stringify(metadata)));
    return metadata;
  }

  async function head(bucket: string, key: string): Promise<Metadata> {
    const text = await Deno.readTextFile(`${place(bucket, key)}.json`);
    const metadata: Metadata & { lastModified: string } = JSON.parse(text);
    return { ...metadata, lastModified: new Date(metadata.lastModified) };
  }

  async function remove(bucket: string, key: string): Promise<void> {
    const path = place(bucket, key);
    for (const file of [path, `${path}.json`]) {
      await Deno.remove(file).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
  }

  return {
    driver: null,
    async getObject(bucket, key) {
      const metadata = await head(bucket, key);
      const body = Buffer.from(await Deno.readFile(place(bucket, key)));
      return { metadata, httpStatusCode: 200, body };
    },
    async uploadObject(bucket, key, _version, body, mimetype, cacheControl) {
      return await store(place(bucket, key), await bytesOf(body), { mimetype, cacheControl });
    },
    deleteObject: remove,
    async deleteObjects(bucket, keys) {
      for (const key of keys) await remove(bucket, key);
    },
    async copyObject(bucket, key, _version, toBucket, toKey) {
      const about = await head(bucket, key);
      return await store(place(toBucket, toKey), await Deno.readFile(place(bucket, key)), about);
    },
    headObject: head,
    privateAssetUrl: (bucket, key) => Promise.resolve(`file://${place(bucket, key)}`),
  };
}

/** A reader sees the old bytes or the new ones, never half of them. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${crypto.randomUUID()}`;
  await Deno.writeFile(draft, bytes);
  await Deno.rename(draft, path);
}

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  return new Uint8Array(await new Response(body as BodyInit).arrayBuffer());
}
