/** Uploads as supabase-js sends a Blob: a form with one file; Lite takes the bytes themselves. */

/** A request for /storage/v1 with its form, if it has one, turned into the bytes of the form's file. */
export async function withoutForm(request: Request): Promise<Request> {
  const type = request.headers.get("content-type");
  if (!type?.startsWith("multipart/form-data")) return request;
  const form = await request.formData();
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  let body: Uint8Array | null = null;
  for (const [name, value] of form) {
    if (value instanceof File) {
      body = new Uint8Array(await value.arrayBuffer());
      headers.set("content-type", value.type || "application/octet-stream");
    } else if (name === "cacheControl") {
      headers.set("cache-control", `max-age=${value}`);
    } else if (name === "metadata") {
      headers.set("x-metadata", btoa(value));
    }
  }
  return new Request(request.url, {
    method: request.method,
    headers,
    body: body as BodyInit | null,
  });
}
