-- What becomes of a source once it was probed.

create function private.after_probe(p_failure text, p_failures bigint, p_approve text) returns text
language sql immutable
return case
  when p_failure is null then case p_approve when 'automatic' then 'probation' else 'candidate' end
  when p_failure in ('forbidden', 'another_car', 'invalid') then 'rejected'
  when p_failure = 'unreachable' and p_failures < 3 then 'candidate'
  else 'retired'
end;
comment on function private.after_probe(text, bigint, text) is
  'What a source is after a probe that failed so, for the nth time, or passed (null). One that could not be reached is tried on three days.';
grant execute on function private.after_probe(text, bigint, text) to service_role;

create function private.learn_from_probe(p_source public.scrape_sources, p_item jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.source_address_patterns as held
    (source_id, pattern, is_listing, learned_from, listings_read, others_read, examples)
  select p_source.id, p.pattern, p.is_listing, p.learned_from, p.listings_read, p.others_read, coalesce(p.examples, '{}')
  from jsonb_to_recordset(coalesce(p_item -> 'patterns', '[]')) as p(
    pattern text, is_listing boolean, learned_from integer, listings_read integer, others_read integer, examples text[])
  on conflict (source_id, pattern) do update
  set is_listing = excluded.is_listing,
      learned_from = excluded.learned_from,
      listings_read = excluded.listings_read,
      others_read = excluded.others_read,
      examples = excluded.examples,
      checked_at = now();
  -- check_interval is an operator's word: the first guess stands where the agent's own stand.
  insert into public.listing_feeds (source, url, kind, about, revisit_interval)
  select p_source.slug, f.url, f.kind, 'found by a probe',
    case f.kind when 'sitemap' then interval '6 hours' when 'rss' then interval '1 hour' else interval '2 hours' end
  from jsonb_to_recordset(coalesce(p_item -> 'feeds', '[]')) as f(url text, kind text)
  where private.source_of_host(private.url_host(f.url)) = p_source.id
  on conflict (canonical_url) do nothing; -- an operator's own stays as it is
end
$$;
comment on function private.learn_from_probe(public.scrape_sources, jsonb) is
  'Keeps how the addresses of a source are made and where it lists them, as a probe found.';
grant execute on function private.learn_from_probe(public.scrape_sources, jsonb) to service_role;

create function private.settle_source_probe(p_item jsonb) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_probe public.source_probes;
  v_source public.scrape_sources;
  v_failure text := p_item ->> 'failure';
  v_to text;
begin
  update public.source_probes
  set status = case when v_failure is null then 'passed' else 'failed' end,
      failure = v_failure,
      reason = coalesce(nullif(p_item ->> 'reason', ''), 'it passed'),
      completed_at = now(),
      lease_token = null,
      lease_expires_at = null
  where id = (p_item ->> 'id')::uuid and lease_token = (p_item ->> 'lease_token')::uuid
  returning * into v_probe;
  if not found then
    return null;
  end if;
  select * into v_source from public.scrape_sources where id = v_probe.source_id for no key update;
  perform private.learn_from_probe(v_source, p_item);
  v_to := private.after_probe(
    v_failure,
    (select count(*) from public.source_probes where source_id = v_source.id and failure = 'unreachable'),
    (select approve_sources from public.fill_policy));
  if v_source.lifecycle <> 'probing'
    or not private.set_lifecycle(v_source.id, v_to, v_probe.reason, v_probe.cycle_id, coalesce(p_item -> 'metrics', '{}'))
  then
    return v_source.lifecycle; -- a person decided meanwhile
  end if;
  update public.scrape_sources
  set next_look_at = case
        when v_to = 'candidate' and v_failure is null then 'infinity' -- waits for approve_source()
        when v_to = 'candidate' then greatest(date_trunc('day', now()) + interval '1 day', now() + interval '6 hours')
        when v_to = 'retired' then next_look_at
      end
  where id = v_source.id;
  if v_failure in ('wall', 'forbidden') then
    perform private.rest_until_tomorrow(v_source.id);
  end if;
  return v_to;
end
$$;
comment on function private.settle_source_probe(jsonb) is
  'Ends one probe. Gives the lifecycle of its source; null when the lease was lost, and nothing was changed.';
grant execute on function private.settle_source_probe(jsonb) to service_role;

create function public.settle_source_probes(p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_item jsonb;
  v_results jsonb := '[]';
begin
  for v_item in select i from jsonb_array_elements(p_items) i loop -- a handful
    v_results := v_results || jsonb_build_array(
      jsonb_build_object('id', v_item -> 'id', 'lifecycle', private.settle_source_probe(v_item)));
  end loop;
  return v_results;
end
$$;
comment on function public.settle_source_probes(jsonb) is
  'Ends probes, as [{id, lease_token, failure, reason, metrics, patterns, feeds}], failure null for one that passed: its source goes into probation, or waits for approve_source() where fill_policy says by_hand. Gives [{id, lifecycle}].';
grant execute on function public.settle_source_probes(jsonb) to service_role;
revoke execute on function public.settle_source_probes(jsonb) from public, anon, authenticated;
