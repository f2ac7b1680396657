/** The functions of schema public that `/rest/v1/rpc/…` can call, and which of them a call means. */
import type { LastingSql } from "../postgres/sql.ts";

export interface RpcFunction {
  name: string;
  /** Input arguments in order; those without a name cannot be given by name. */
  args: { name: string; type: string; required: boolean }[];
  returnsSet: boolean;
  returnsVoid: boolean;
}

/** All functions of schema public. */
export async function readFunctions(sql: LastingSql): Promise<RpcFunction[]> {
  return await sql<RpcFunction>`
    select p.proname as name, p.proretset as "returnsSet", p.prorettype = 'void'::regtype as "returnsVoid",
      coalesce((
        select jsonb_agg(jsonb_build_object('name', a.name, 'type', format_type(a.type, null),
          'required', a.n <= p.pronargs - p.pronargdefaults) order by a.n)
        from (
          select row_number() over (order by ordinality) as n, coalesce(name, '') as name, type
          from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargnames, p.proargmodes)
            with ordinality as x(type, name, mode, ordinality)
          where coalesce(mode, 'i') in ('i', 'b', 'v')
        ) a
      ), '[]') as args
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and p.provariadic = 0`;
}

/** The one function of that name that takes exactly these arguments; null when none or several do. */
export function chooseFunction(
  functions: RpcFunction[],
  name: string,
  given: string[],
): RpcFunction | null {
  const fitting = functions.filter((candidate) =>
    candidate.name === name &&
    given.every((arg) => candidate.args.some((one) => one.name === arg)) &&
    candidate.args.every((arg) => arg.name !== "" && (!arg.required || given.includes(arg.name)))
  );
  return fitting.length === 1 ? fitting[0] ?? null : null;
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/**
 * SQL that calls the function with arguments out of a JSON object, and gives the answer as one text of JSON, as
 * PostgREST does: Postgres itself reads and writes the JSON.
 * @returns what stands before and after the quoted object
 */
export function callSql(called: RpcFunction, given: string[], maxRows: number): [string, string] {
  const used = called.args.filter((arg) => given.includes(arg.name));
  const columns = used.map((arg) => `${quote(arg.name)} ${arg.type}`).join(", ");
  const args = used.map((arg) => `${quote(arg.name)} => a.${quote(arg.name)}`).join(", ");
  const call = `public.${quote(called.name)}(${args})`;
  const [before, after] = used.length === 0
    ? [`from (select `, ` as unused) a, lateral ${call} as r`]
    : [`from json_to_record(`, `::json) as a(${columns}), lateral ${call} as r`];
  if (called.returnsVoid) return [`select null as body ${before}`, after];
  if (called.returnsSet) {
    const rows =
      `select coalesce(json_agg(to_json(r)), '[]')::text as body from (select r ${before}`;
    return [rows, `${after} limit ${maxRows}) s`];
  }
  return [`select to_json(r)::text as body ${before}`, after];
}
