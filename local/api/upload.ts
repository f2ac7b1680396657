/** The bytes of an upload, however supabase-js sends them. */
import { Buffer } from "node:buffer";

interface Upload {
  bytes: Uint8Array<ArrayBuffer>;
  mimetype: string;
  cacheControl: string;
}

/** A Blob comes as a form with one file and fields beside it, everything else as the body itself. */
export async function readUpload(request: Request): Promise<Upload> {
  const type = request.headers.get("content-type") ?? "application/octet-stream";
  if (!type.startsWith("multipart/form-data")) {
    return {
      bytes: new Uint8Array(await request.arrayBuffer()),
      mimetype: type,
      cacheControl: request.headers.get("cache-control") ?? "no-cache",
    };
  }
  const upload: Upload = {
    bytes: new Uint8Array(),
    mimetype: "application/octet-stream",
    cacheControl: "no-cache",
  };
  for (const [name, value] of await readForm(request, type)) {
    if (name === "cacheControl") upload.cacheControl = `max-age=${value}`;
    else if (value instanceof File) {
      upload.bytes = new Uint8Array(await value.arrayBuffer());
      upload.mimetype = value.type || upload.mimetype;
    }
  }
  return upload;
}

/** supabase-js gives the file no name, and Deno drops a field without one: it gets one. */
async function readForm(request: Request, type: string): Promise<FormData> {
  const body = Buffer.from(await request.arrayBuffer());
  const nameless = 'name=""';
  const at = body.indexOf(nameless);
  const named = at < 0 ? body : Buffer.concat([
    body.subarray(0, at),
    Buffer.from('name="file"'),
    body.subarray(at + nameless.length),
  ]);
  return await new Response(named, { headers: { "content-type": type } }).formData();
}

/** The same request with the bytes for a body: Lite understands no form whose file has no name. */
export async function withoutForm(request: Request): Promise<Request> {
  if (!request.headers.get("content-type")?.startsWith("multipart/form-data")) return request;
  const { bytes, mimetype, cacheControl } = await readUpload(request);
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  headers.set("content-type", mimetype);
  headers.set("cache-control", cacheControl);
  return new Request(request.url, { method: request.method, headers, body: bytes });
}

/** `image/*` allows `image/png`. */
export function allowsType(allowed: string[] | null, mimetype: string): boolean {
  if (allowed === null || allowed.length === 0) return true;
  const type = mimetype.split(";")[0]?.trim() ?? "";
  return allowed.some((one) =>
    one === type || (one.endsWith("/*") && type.startsWith(one.slice(0, -1)))
  );
}
