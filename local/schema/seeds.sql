-- What a schema stands on that is no object, as (kind, name, definition): rows, buckets, cron jobs. Of rows neither the
-- times nor the ids that are made when a row is: what is left of an empty database is its seeds.

with columns as (
  select
    c.oid::regclass::text as relation,
    string_agg(quote_ident(a.attname), ', ' order by a.attname) as columns
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum
  where n.nspname in ('public', 'private')
    and c.relkind in ('r', 'p')
    and not c.relispartition
    and a.attidentity = ''
    and coalesce(pg_get_expr(d.adbin, d.adrelid), '') !~ 'now\(\)|gen_random_uuid\(\)'
  group by c.oid
)
select 'rows' as kind, relation as name,
  (xpath('//rows/text()', query_to_xml(format(
    'select jsonb_agg(to_jsonb(held) order by to_jsonb(held)::text)::text as rows from (select %s from %s) as held',
    columns, relation), false, false, '')))[1]::text as definition
from columns
union all
select 'bucket', id, concat_ws(' ', public, file_size_limit, allowed_mime_types::text)
from storage.buckets
union all
select 'cron job', jobname, concat_ws(' ', schedule, command, database, username, active)
from cron.job
order by 1, 2
