/** The part of Auth's admin API that makes, lists and removes users; Lite has none. */
import { z } from "zod";
import type { LastingSql } from "../postgres/sql.ts";
import type { Caller } from "./caller.ts";

const newUser = z.object({
  email: z.email(),
  password: z.string().min(6),
  email_confirm: z.boolean().optional(),
  app_metadata: z.record(z.string(), z.json()).default({}),
  user_metadata: z.record(z.string(), z.json()).default({}),
});

const prefix = "/auth/v1/admin/users";

/** Answers /auth/v1/admin/users for the service role; null when the path is another. */
export async function adminUsers(
  request: Request,
  path: string,
  caller: Caller | null,
  sql: LastingSql,
): Promise<Response | null> {
  if (!path.startsWith(prefix)) return null;
  if (caller?.role !== "service_role") return failed(403, "not_admin", "User not allowed");
  const id = path.slice(prefix.length + 1);
  if (request.method === "POST" && id === "") return await create(request, sql);
  if (request.method === "GET") {
    const users = await read(sql, id);
    if (id === "") return Response.json({ users, aud: "authenticated" });
    return users[0] === undefined
      ? failed(404, "user_not_found", "User not found")
      : Response.json(users[0]);
  }
  if (request.method === "DELETE" && id !== "") {
    await sql`delete from auth.users where id::text = ${id}`;
    return Response.json({});
  }
  return failed(405, "method_not_allowed", `${request.method} is not served here`);
}

async function create(request: Request, sql: LastingSql): Promise<Response> {
  const body = newUser.safeParse(await request.json().catch(() => null));
  if (!body.success) return failed(400, "validation_failed", z.prettifyError(body.error));
  const { email, password, app_metadata, user_metadata } = body.data;
  const id = crypto.randomUUID();
  const appMetadata = { provider: "email", providers: ["email"], ...app_metadata };
  const made = await sql`
    with person as (
      insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data)
      values (${id}, ${email}, extensions.crypt(${password}, extensions.gen_salt('bf', 6)), now(),
        ${JSON.stringify(appMetadata)}, ${JSON.stringify(user_metadata)})
      on conflict do nothing
      returning id
    )
    insert into auth.identities (id, provider, provider_id, user_id, identity_data)
    select gen_random_uuid(), 'email', id::text, id, jsonb_build_object('sub', id, 'email', ${email}::text)
    from person returning user_id`;
  if (made.length === 0) {
    return failed(
      422,
      "email_exists",
      "A user with this email address has already been registered",
    );
  }
  return Response.json((await read(sql, id))[0]);
}

async function read(sql: LastingSql, id: string) {
  return await sql`
    select id, aud, role, email, email_confirmed_at, last_sign_in_at, created_at, updated_at,
      raw_app_meta_data as app_metadata, raw_user_meta_data as user_metadata
    from auth.users where ${id} in ('', id::text) order by created_at limit 1000`;
}

function failed(status: number, error_code: string, msg: string): Response {
  return Response.json({ code: status, error_code, msg }, { status });
}
