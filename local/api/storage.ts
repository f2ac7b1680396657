/**
 * Storage for the service role, which no policy binds: uploads, downloads and lists in one statement each, an
 * order of magnitude faster than through Lite. Everything else, and everybody else, is Lite's.
 */
import { z } from "zod";
import type { LastingSql } from "../postgres/sql.ts";
import type { Caller } from "./caller.ts";
import { literal } from "./session.ts";
import { describeBytes, type FileStore } from "./storage_files.ts";
import { allowsType, readUpload } from "./upload.ts";

/** As hosted by default. */
const sizeLimit = 50 * 1024 * 1024;

const listBody = z.object({
  prefix: z.string().default(""),
  limit: z.number().int().min(1).default(100),
  offset: z.number().int().min(0).default(0),
  search: z.string().default(""),
  sortBy: z.object({ column: z.string().optional(), order: z.string().optional() }).nullish(),
});

/** Null when the request is not one of the three, or not the service role's; its body is unread then. */
export async function serviceStorage(
  request: Request,
  path: string,
  caller: Caller | null,
  files: FileStore,
  sql: LastingSql,
): Promise<Response | null> {
  if (caller?.role !== "service_role" || request.url.includes("?")) return null;
  const list = /^\/storage\/v1\/object\/list\/([^/]+)$/.exec(path);
  if (list !== null && request.method === "POST") {
    return await listObjects(request, decodeURIComponent(list[1] ?? ""), sql);
  }
  const match = /^\/storage\/v1\/object\/(?:authenticated\/)?([^/]+)\/(.+)$/.exec(path);
  const reserved = /^(list|sign|upload|move|copy|info|public)$/;
  if (match === null || reserved.test(match[1] ?? "")) return null;
  const bucket = decodeURIComponent(match[1] ?? "");
  const key = decodeURIComponent(match[2] ?? "");
  if (request.method === "GET") return await download(bucket, key, files, sql);
  if (request.method === "POST") return await upload(request, bucket, key, files, sql);
  return null;
}

async function upload(
  request: Request,
  bucket: string,
  key: string,
  files: FileStore,
  sql: LastingSql,
) {
  const rejected = () => refuse(400, "InvalidKey", `Invalid key: ${key}`);
  if (key.startsWith("/") || key.split("/").some((part) => part === ".." || part === "")) {
    return rejected();
  }
  const [found] = await sql<{ limit: string | null; types: string[] | null }>`
    select file_size_limit as limit, to_json(allowed_mime_types) as types from storage.buckets where id = ${bucket}`;
  if (found === undefined) return refuse(404, "Bucket not found", "Bucket not found");
  const { bytes, mimetype, cacheControl } = await readUpload(request);
  if (!allowsType(found.types, mimetype)) {
    return refuse(415, "invalid_mime_type", `mime type ${mimetype} is not supported`);
  }
  if (bytes.length > Math.min(sizeLimit, Number(found.limit ?? Infinity))) {
    return refuse(413, "Payload too large", "The object exceeded the maximum allowed size");
  }
  const metadata = describeBytes(bytes, mimetype, cacheControl);
  const upsert = request.headers.get("x-upsert") === "true";
  const [kept] = await sql<{ id: string }>`
    insert into storage.objects as o (bucket_id, name, metadata, version)
    values (${bucket}, ${key}, ${JSON.stringify(metadata)}, gen_random_uuid()::text)
    on conflict (bucket_id, name) do update
      set metadata = excluded.metadata, version = excluded.version, updated_at = now()
      where ${upsert}
    returning id`;
  if (kept === undefined) return refuse(409, "Duplicate", "The resource already exists");
  files.write(bucket, key, bytes, metadata);
  return Response.json({ Key: `${bucket}/${key}`, Id: kept.id });
}

async function download(bucket: string, key: string, files: FileStore, sql: LastingSql) {
  const [found] = await sql<
    { metadata: { mimetype?: string; cacheControl?: string; eTag?: string } }
  >`
    select metadata from storage.objects where bucket_id = ${bucket} and name = ${key}`;
  if (found === undefined) return refuse(404, "not_found", "Object not found");
  return new Response(files.read(bucket, key), {
    headers: {
      "content-type": found.metadata.mimetype ?? "application/octet-stream",
      "cache-control": found.metadata.cacheControl ?? "no-cache",
      etag: found.metadata.eTag ?? "",
    },
  });
}

/** The names right under a prefix; a name with more below it is a folder, whose id is null. */
async function listObjects(request: Request, bucket: string, sql: LastingSql) {
  const body = listBody.safeParse(await request.json().catch(() => null));
  if (!body.success) return refuse(400, "Invalid input", z.prettifyError(body.error));
  const { limit, offset, search, sortBy } = body.data;
  const prefix = body.data.prefix.replace(/^\/|\/$/g, "");
  const below = prefix === "" ? "" : `${prefix}/`;
  const column = z.enum(["name", "created_at", "updated_at", "last_accessed_at"]).catch("name")
    .parse(sortBy?.column);
  const order = sortBy?.order === "desc" ? "desc" : "asc";
  const [from, named] = [literal(below), `name ilike ${literal(search)} || '%'`];
  const rows = await sql.unsafe(`
    with entry as (
      select split_part(substr(o.name, length(${from}) + 1), '/', 1) as name,
        position('/' in substr(o.name, length(${from}) + 1)) = 0 as is_file,
        o.id, o.updated_at, o.created_at, o.last_accessed_at, o.metadata
      from storage.objects o
      where o.bucket_id = ${literal(bucket)} and starts_with(o.name, ${from})
    )
    select name, id, updated_at, created_at, last_accessed_at, metadata from entry
    where is_file and ${named}
    union all
    select distinct name, null::uuid, null::timestamptz, null::timestamptz, null::timestamptz, null::jsonb
    from entry where not is_file and ${named}
    order by ${column} ${order}, name limit ${limit} offset ${offset}`);
  return Response.json(rows);
}

/** Storage answers 400 and puts the real status into the body. */
function refuse(status: number, error: string, message: string): Response {
  return Response.json({ statusCode: String(status), error, message }, { status: 400 });
}
