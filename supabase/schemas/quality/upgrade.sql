-- A full database whose score has new rules comes to them by itself, a portion at a time.

create function private.raise_generated_descriptions(p_vehicle_ids uuid[]) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  -- Held with 0.5 until score version 2, where that still counted.
  v_ids := array(
    select id
    from public.vehicles
    where id = any (p_vehicle_ids)
      and description_source like 'generated%'
      and field_state -> 'description' ->> 'method' like 'generated%'
      and (field_state -> 'description' ->> 'confidence')::numeric = 0.5
    order by id
    for no key update
  );
  if v_ids = '{}' then
    return 0;
  end if;
  update public.extraction_metadata
  set confidence_score = private.sure_enough()
  where vehicle_id = any (v_ids)
    and field_name = 'description'
    and extraction_method like 'generated%'
    and confidence_score = 0.5;
  update public.vehicles
  set field_state = jsonb_set(field_state, '{description,confidence}', to_jsonb(private.sure_enough()))
  where id = any (v_ids);
  return cardinality(v_ids);
end
$$;
comment on function private.raise_generated_descriptions(uuid[]) is
  'A generated description counts, though it yields to any source: those of earlier releases are held with 0.6, as new ones are. Gives how many.';

create function private.rescore_by_new_rules(p_limit integer default 5000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_what text := 'score_version_' || private.score_version();
  v_after uuid;
  v_portion jsonb;
begin
  select after into v_after
  from private.upgrade_progress
  where what = v_what and finished_at is null
  for update skip locked;
  if not found then
    return 0;
  end if;
  perform private.raise_generated_descriptions(array(
    select id from public.vehicles where id > v_after order by id limit p_limit));
  v_portion := public.rescore_vehicles(v_after, p_limit);
  update private.upgrade_progress
  set after = coalesce((v_portion ->> 'last')::uuid, after),
      finished_at = case when (v_portion ->> 'rescored')::integer < p_limit then now() end
  where what = v_what;
  return (v_portion ->> 'rescored')::integer;
end
$$;
comment on function private.rescore_by_new_rules(integer) is
  'Rescores the next vehicles of a database whose scores were made by the rules of an earlier release. Gives how many were looked at; called every five minutes until there are none.';
grant execute on function
  private.raise_generated_descriptions(uuid[]),
  private.rescore_by_new_rules(integer)
to service_role;
