-- What an operator decides for the system: which sources are trusted, the policy, what things cost.

create function private.source_as_seen(p_source text) returns public.scrape_sources
language plpgsql
set search_path = ''
as $$
declare
  v public.scrape_sources := private.source_named(p_source);
begin
  select * into v from public.scrape_sources where id = v.id for update; -- as it is when nobody else is deciding on it
  return v;
end
$$;
comment on function private.source_as_seen(text) is 'A source by id, slug or host, locked until the end of the transaction.';

create function private.source_changed(v public.scrape_sources) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_other public.operator_actions := private.last_done('source ' || v.slug);
begin
  return private.did('changed', format('%s is %s now, which is not what you saw: look again', coalesce(v.hosts[1], v.slug), v.lifecycle),
    'source ' || v.slug, null, jsonb_build_object('lifecycle', v.lifecycle), v_other.operator_id, v_other.at);
end
$$;
comment on function private.source_changed(public.scrape_sources) is 'The answer where a source is not any more what an operator saw.';
grant execute on function private.source_as_seen(text), private.source_changed(public.scrape_sources) to service_role;

create function private.do_approve_source(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.scrape_sources := private.source_as_seen(p_args ->> 'p_source');
  v_to text;
begin
  if p_args ->> 'p_seen' <> v.lifecycle then
    return private.source_changed(v);
  end if;
  v_to := public.approve_source(v.id::text);
  return private.did(
    case when v.lifecycle = v_to then 'nothing_to_do' else 'done' end,
    case when v.lifecycle <> v_to then format('%s is in %s now', coalesce(v.hosts[1], v.slug), v_to)
      else format('%s is in %s already', coalesce(v.hosts[1], v.slug), v_to) end,
    'source ' || v.slug, jsonb_build_object('lifecycle', v.lifecycle), jsonb_build_object('lifecycle', v_to));
end
$$;
comment on function private.do_approve_source(jsonb) is 'Takes a source in.';

create function private.do_reject_source(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.scrape_sources := private.source_as_seen(p_args ->> 'p_source');
begin
  if p_args ->> 'p_seen' <> v.lifecycle then
    return private.source_changed(v);
  end if;
  if v.lifecycle = 'rejected' then
    return private.did('nothing_to_do', format('%s is rejected already', coalesce(v.hosts[1], v.slug)), 'source ' || v.slug);
  end if;
  perform public.reject_source(v.id::text, p_args ->> 'p_reason');
  return private.did('done', format('nothing is taken from %s any more', coalesce(v.hosts[1], v.slug)), 'source ' || v.slug,
    jsonb_build_object('lifecycle', v.lifecycle), jsonb_build_object('lifecycle', 'rejected'));
end
$$;
comment on function private.do_reject_source(jsonb) is 'Keeps a source out, with the reason.';

create function private.do_add_source(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid := public.add_source_candidate(p_args ->> 'p_url');
  v public.scrape_sources;
begin
  select * into v from public.scrape_sources where id = v_id;
  return private.did('done', format('%s is a %s: it is probed when its turn comes', coalesce(v.hosts[1], v.slug), v.lifecycle), 'source ' || v.slug,
    null, jsonb_build_object('source_id', v_id, 'lifecycle', v.lifecycle));
end
$$;
comment on function private.do_add_source(jsonb) is 'Adds a site that an operator knows, as a candidate.';

create function private.do_switch_source(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.scrape_sources := private.source_as_seen(p_args ->> 'p_source');
  v_on boolean := (p_args ->> 'p_on')::boolean;
begin
  if v_on is null then
    raise exception 'say whether it is to be on or off' using errcode = '22023';
  end if;
  if p_args ->> 'p_seen' <> v.lifecycle then
    return private.source_changed(v);
  end if;
  if v.is_active = v_on then
    return private.did('nothing_to_do', format('%s is %s already', v.slug, case when v_on then 'on' else 'off' end), 'source ' || v.slug);
  end if;
  update public.scrape_sources set is_active = v_on, updated_at = now() where id = v.id;
  return private.did('done', format('%s is %s now', v.slug, case when v_on then 'on' else 'off' end), 'source ' || v.slug,
    jsonb_build_object('is_active', v.is_active), jsonb_build_object('is_active', v_on));
end
$$;
comment on function private.do_switch_source(jsonb) is 'Switches a source on or off.';

create function private.do_set_policy(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_changes jsonb := p_args -> 'p_changes';
  v_fixed text[] := array['only_row', 'updated_at'];
  v_unknown text;
  v_before public.fill_policy;
  v_after public.fill_policy;
  v_other public.operator_actions;
begin
  if jsonb_typeof(v_changes) is distinct from 'object' or v_changes = '{}' then
    raise exception 'p_changes is an object of columns of fill_policy and what they are to be' using errcode = '22023';
  end if;
  select * into v_before from public.fill_policy for update;
  select string_agg(k, ', ') into v_unknown
  from jsonb_object_keys(v_changes) k
  where not to_jsonb(v_before) ? k or k = any (v_fixed);
  if v_unknown is not null then
    raise exception 'fill_policy has no %, or it is not yours to set', v_unknown using errcode = '22023';
  end if;
  if p_args ->> 'p_seen' <> private.policy_seen(v_before) then
    v_other := private.last_done('fill_policy');
    return private.did('changed', 'the policy is not any more what you saw: look again', 'fill_policy', null,
      to_jsonb(v_before) - v_fixed || jsonb_build_object('seen', private.policy_seen(v_before)), v_other.operator_id, v_other.at);
  end if;
  execute (
    select format(
      'update public.fill_policy set %s', string_agg(format('%1$I = (jsonb_populate_record(null::public.fill_policy, $1)).%1$I', k), ', '))
    from jsonb_object_keys(v_changes) k)
  using v_changes;
  select * into v_after from public.fill_policy;
  return private.did(
    case when private.policy_seen(v_after) = private.policy_seen(v_before) then 'nothing_to_do' else 'done' end,
    case when private.policy_seen(v_after) = private.policy_seen(v_before) then 'the policy says so already'
      else 'the policy was changed: ' || (
        select string_agg(format('%s %s → %s', k, to_jsonb(v_before) ->> k, to_jsonb(v_after) ->> k), ', ' order by k)
        from jsonb_object_keys(v_changes) k where to_jsonb(v_before) -> k is distinct from to_jsonb(v_after) -> k) end,
    'fill_policy', to_jsonb(v_before) - v_fixed,
    to_jsonb(v_after) - v_fixed || jsonb_build_object('seen', private.policy_seen(v_after)));
end
$$;
comment on function private.do_set_policy(jsonb) is 'Changes columns of fill_policy, within what its constraints allow.';

create function private.rate_seen(p_item text) returns text
language sql stable
set search_path = ''
return coalesce(
  (select format('%s for %s', trim_scale(r.price), trim_scale(r.per)) from public.cost_rates r where r.item = p_item),
  'no rate');
comment on function private.rate_seen(text) is 'The rate of an item as an operator sees it: 2 for 1000000, or no rate.';
grant execute on function private.rate_seen(text) to authenticated, service_role;

create function private.do_set_cost_rate(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_item text := p_args ->> 'p_item';
  v_before jsonb;
  v_other public.operator_actions;
begin
  perform pg_advisory_xact_lock(hashtextextended('rate ' || v_item, 0)); -- a rate that is not there cannot be locked
  v_before := (select to_jsonb(r) - 'updated_at' from public.cost_rates r where r.item = v_item);
  if p_args ->> 'p_seen' <> private.rate_seen(v_item) then
    v_other := private.last_done('rate ' || v_item);
    return private.did('changed', format('%s: it is %s now, which is not what you saw: look again', v_item, private.rate_seen(v_item)),
      'rate ' || v_item, null, v_before, v_other.operator_id, v_other.at);
  end if;
  if p_args ->> 'p_price' is null then
    delete from public.cost_rates where item = v_item;
    return private.did(case when v_before is null then 'nothing_to_do' else 'done' end, format('%s has no price', v_item), 'rate ' || v_item, v_before);
  end if;
  insert into public.cost_rates (item, price, per)
  values (v_item, (p_args ->> 'p_price')::numeric, coalesce((p_args ->> 'p_per')::numeric, 1))
  on conflict (item) do update set price = excluded.price, per = excluded.per;
  return private.did('done', format('%s: %s for %s', v_item, p_args ->> 'p_price', coalesce(p_args ->> 'p_per', '1')), 'rate ' || v_item, v_before,
    (select to_jsonb(r) - 'updated_at' from public.cost_rates r where r.item = v_item));
end
$$;
comment on function private.do_set_cost_rate(jsonb) is 'Says what something costs, or (price null) that it has no price.';

grant execute on function
  private.do_approve_source(jsonb),
  private.do_reject_source(jsonb),
  private.do_add_source(jsonb),
  private.do_switch_source(jsonb),
  private.do_set_policy(jsonb),
  private.do_set_cost_rate(jsonb)
to service_role;
