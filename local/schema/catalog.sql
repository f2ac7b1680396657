-- Everything that a schema makes, as (kind, name, definition): two databases are alike when these rows are.
-- Also (uncommented, …): tables and views without a comment. `position` is the place of a column, which depends on when
-- it was added. Partitions are made at run time, and are no part of a schema.

with objects as (
  select
    c.oid,
    c.relkind,
    c.relacl,
    c.relrowsecurity,
    c.relforcerowsecurity,
    c.relowner,
    c.reloptions,
    c.oid::regclass::text as name
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where n.nspname in ('public', 'private')
    and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    and not c.relispartition
    -- What an extension made is not ours.
    and not exists (
      select from pg_depend as d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
),
functions as (
  select p.oid, p.prokind, p.proacl, p.proowner, p.oid::regprocedure::text as name
  from pg_proc as p
  join pg_namespace as n on n.oid = p.pronamespace
  where n.nspname in ('public', 'private')
    and not exists (
      select from pg_depend as d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
),
columns as (
  select
    o.name as relation,
    a.attname,
    a.attnum,
    concat_ws(' ', format_type(a.atttypid, a.atttypmod), 'not null=', a.attnotnull,
      'generated=', a.attgenerated::text, 'identity=', a.attidentity::text,
      pg_get_expr(d.adbin, d.adrelid), a.attacl::text) as definition
  from objects as o
  join pg_attribute as a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef as d on d.adrelid = o.oid and d.adnum = a.attnum
),
described as (
  select i.type, i.identity, d.description
  from pg_description as d
  cross join pg_identify_object(d.classoid, d.objoid, d.objsubid) as i
  where (i.identity ~ '(^| )(public|private)\.' or (i.type = 'schema' and i.identity in ('public', 'private')))
    and not exists (
      select from pg_class as c where d.classoid = 'pg_class'::regclass and c.oid = d.objoid and c.relispartition
    )
)
select 'relation' as kind, name,
  format('%s rls=%s forced=%s owner=%s options=%s',
    relkind, relrowsecurity, relforcerowsecurity, relowner::regrole, reloptions::text) as definition
from objects
union all
-- Nothing said and the default said are the same.
select 'grants', name, (
  select string_agg(a::text, ' ' order by a::text)
  from unnest(coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))) as a
)
from objects
union all
select 'comment', type || ' ' || identity, description
from described
union all
select 'uncommented', name, case relkind when 'v' then 'view' else 'table' end
from objects
where relkind in ('r', 'p', 'v', 'm') and obj_description(oid, 'pg_class') is null
union all
select 'column', relation || '.' || attname, definition
from columns
union all
select 'position', relation || '.' || attname, attnum::text
from columns
union all
select 'view', name, pg_get_viewdef(oid)
from objects
where relkind in ('v', 'm')
union all
select 'constraint', o.name || ' ' || k.conname, pg_get_constraintdef(k.oid)
from objects as o
join pg_constraint as k on k.conrelid = o.oid
union all
select 'index', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
from objects as o
join pg_index as i on i.indrelid = o.oid
union all
select 'trigger', o.name || ' ' || t.tgname, pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
from objects as o
join pg_trigger as t on t.tgrelid = o.oid and not t.tgisinternal
union all
select 'policy', schemaname || '.' || tablename || ' ' || policyname,
  concat_ws(' ', permissive, roles::text, cmd, qual, with_check)
from pg_policies
where schemaname in ('public', 'private', 'storage')
union all
select 'function', name, pg_get_functiondef(oid)
from functions
where prokind in ('f', 'p')
union all
select 'function grants', name,
  concat_ws(' ', proowner::regrole::text, (
    select string_agg(a::text, ' ' order by a::text) from unnest(coalesce(proacl, acldefault('f', proowner))) as a
  ))
from functions
union all
select 'type', t.oid::regtype::text,
  concat_ws(' ', t.typtype,
    (select string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_enum as e where e.enumtypid = t.oid),
    (select string_agg(pg_get_constraintdef(k.oid), ' ' order by k.conname) from pg_constraint as k where k.contypid = t.oid),
    (
      select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
      from pg_attribute as a
      where a.attrelid = t.typrelid and t.typtype = 'c'
    ))
from pg_type as t
join pg_namespace as n on n.oid = t.typnamespace
left join pg_class as c on c.oid = t.typrelid
where n.nspname in ('public', 'private')
  and (t.typtype in ('d', 'e') or (t.typtype = 'c' and c.relkind = 'c'))
union all
select 'schema', nspname,
  concat_ws(' ', nspowner::regrole::text, (
    select string_agg(a::text, ' ' order by a::text) from unnest(coalesce(nspacl, acldefault('n', nspowner))) as a
  ))
from pg_namespace
where nspname in ('public', 'private')
union all
select 'default grants', concat_ws(' ', defaclrole::regrole::text, defaclnamespace::regnamespace::text, defaclobjtype::text),
  (select string_agg(a::text, ' ' order by a::text) from unnest(defaclacl) as a)
from pg_default_acl
where defaclnamespace in (0, 'public'::regnamespace, 'private'::regnamespace)
union all
select 'extension', extname, extversion
from pg_extension
order by 1, 2
