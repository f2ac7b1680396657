/** Lite's way to the files of Storage. */
import { Buffer } from "node:buffer";
import type { App } from "@supabase/lite";
import { describeBytes, type FileStore } from "./storage_files.ts";

type Adapter = NonNullable<App["_storageAdapter"]>;

export function createStorageAdapter(files: FileStore): Adapter {
  return {
    driver: null,
    async getObject(bucket, key) {
      const metadata = await files.describe(bucket, key);
      return { metadata, httpStatusCode: 200, body: Buffer.from(await files.read(bucket, key)) };
    },
    async uploadObject(bucket, key, _version, body, mimetype, cacheControl) {
      const bytes = await bytesOf(body);
      const metadata = describeBytes(bytes, mimetype, cacheControl);
      await files.write(bucket, key, bytes, metadata);
      return metadata;
    },
    deleteObject: (bucket, key) => files.remove(bucket, key),
    async deleteObjects(bucket, keys) {
      for (const key of keys) await files.remove(bucket, key);
    },
    async copyObject(bucket, key, _version, toBucket, toKey) {
      const metadata = { ...await files.describe(bucket, key), lastModified: new Date() };
      await files.write(toBucket, toKey, await files.read(bucket, key), metadata);
      return metadata;
    },
    headObject: (bucket, key) => files.describe(bucket, key),
    privateAssetUrl: (bucket, key) => Promise.resolve(`storage:${bucket}/${key}`),
  };
}

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  return new Uint8Array(await new Response(body as BodyInit).arrayBuffer());
}
