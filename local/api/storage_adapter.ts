/** Lite's way to the files of Storage. */
import { Buffer } from "node:buffer";
import type { App } from "@supabase/lite";
import { describeBytes, type FileStore } from "./storage_files.ts";

type Adapter = NonNullable<App["_storageAdapter"]>;

export function createStorageAdapter(files: FileStore): Adapter {
  return {
    driver: null,
    getObject: (bucket, key) =>
      Promise.try(() => ({
        metadata: files.describe(bucket, key),
        httpStatusCode: 200,
        body: Buffer.from(files.read(bucket, key)),
      })),
    async uploadObject(bucket, key, _version, body, mimetype, cacheControl) {
      const bytes = await bytesOf(body);
      const metadata = describeBytes(bytes, mimetype, cacheControl);
      files.write(bucket, key, bytes, metadata);
      return metadata;
    },
    deleteObject: (bucket, key) => Promise.try(() => files.remove(bucket, key)),
    deleteObjects: (bucket, keys) =>
      Promise.try(() => {
        for (const key of keys) files.remove(bucket, key);
      }),
    copyObject: (bucket, key, _version, toBucket, toKey) =>
      Promise.try(() => {
        const metadata = { ...files.describe(bucket, key), lastModified: new Date() };
        files.write(toBucket, toKey, files.read(bucket, key), metadata);
        return metadata;
      }),
    headObject: (bucket, key) => Promise.try(() => files.describe(bucket, key)),
    privateAssetUrl: (bucket, key) => Promise.resolve(`storage:${bucket}/${key}`),
  };
}

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  return new Uint8Array(await new Response(body as BodyInit).arrayBuffer());
}
