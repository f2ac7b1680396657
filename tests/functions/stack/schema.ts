/** A small schema that shows what the REST API makes of Postgres. */
import postgres from "postgres";
import type { Stack } from "../../support/stack.ts";

const statements = `
  create extension pg_cron with schema pg_catalog;
  create extension pg_net with schema extensions;

  create table public.cars (
    id bigint generated always as identity primary key,
    make text check (make <> 'Trabant'),
    price numeric,
    facts jsonb,
    tags text[],
    seen_at timestamptz,
    sold_on date
  );
  alter table public.cars enable row level security;
  create policy operators_read on public.cars for select to authenticated
    using (auth.jwt() -> 'app_metadata' ->> 'role' = 'operator');
  revoke all on public.cars from anon;

  create function public.echo(p jsonb) returns jsonb language sql as 'select p';
  create function public.kind_of(p jsonb) returns text language sql as 'select jsonb_typeof(p)';
  create function public.count_all(ids uuid[], numbers int[] default '{}') returns int
    language sql as 'select cardinality(ids) + cardinality(numbers)';
  create function public.who() returns jsonb language sql as $$
    select jsonb_build_object('role', current_user, 'sub', auth.uid(), 'timeout', current_setting('statement_timeout'))
  $$;
  create function public.refuse() returns void language plpgsql as $$
    begin raise exception 'no more cars' using detail = 'the lot is full', hint = 'sell one'; end
  $$;
  create function public.many(n int) returns table (i int, half numeric, at timestamptz) language sql as $$
    select i, i / 2.0, timestamptz '2026-01-02 03:04:05.5+00' from generate_series(1, n) i
  $$;
  create function public.nothing() returns void language sql as 'select';
  create function public.secret_only() returns int language sql as 'select 1';
  revoke execute on function public.secret_only() from public, anon, authenticated;
`;

/** Makes the schema as the role `postgres`, and the API look again. */
export async function createSchema(stack: Stack): Promise<void> {
  const sql = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(statements).finally(() => sql.end());
  await stack.forgetSchema();
}

/** A `supabase` directory whose functions have these entry files. */
export function functionsDir(files: Record<string, string>): string {
  const dir = Deno.makeTempDirSync({ prefix: "functions-" });
  for (const [name, text] of Object.entries(files)) {
    Deno.mkdirSync(`${dir}/functions/${name}`, { recursive: true });
    Deno.writeTextFileSync(`${dir}/functions/${name}/index.ts`, text);
  }
  return dir;
}
