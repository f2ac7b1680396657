-- How long is waited before something is tried again, by what is known of the source.

create function private.learned_wait(p_host text, p_outcome text) returns interval
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  if not exists (select from public.source_strategies where retry_waits <> '{}' or pinned_retry_waits <> '{}') then
    return null;
  end if;
  return (
    select coalesce(s.pinned_retry_waits ->> p_outcome, s.retry_waits -> p_outcome ->> 'wait')::interval
    from public.source_strategies s
    where s.source_id = private.source_of_host(p_host)
  );
end
$$;
comment on function private.learned_wait(text, text) is
  'After which time an attempt at a host that ended so is worth trying again: pinned by an operator, else learned; null where neither is known.';
grant execute on function private.learned_wait(text, text) to service_role;

create function private.retry_wait(p_host text, p_outcome text, p_failures integer) returns interval
language plpgsql volatile
set search_path = ''
as $$
declare
  v_learned interval := private.learned_wait(p_host, p_outcome);
  v_usual interval := case when private.is_refused(p_outcome) then interval '1 hour' else private.backoff(p_failures) end;
begin
  return case
    when v_learned is null then v_usual
    -- A site that would not be asked is not asked sooner.
    when private.is_refused(p_outcome) then greatest(v_usual, v_learned)
    -- Later each time, and not all at once.
    else least(v_learned * 2 ^ least(p_failures - 1, 20), greatest(v_learned, interval '6 hours')) * (1 + random() / 4)
  end;
end
$$;
comment on function private.retry_wait(text, text, integer) is
  'How long is waited after the nth failure of this kind at a host: as was learned or pinned, twice as long each time, else backoff(); an hour or more after a refusal.';
grant execute on function private.retry_wait(text, text, integer) to service_role;

create function private.pinned_lists_interval(p_feed public.listing_feeds) returns interval
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  if not exists (select from public.source_strategies where pinned_lists_interval is not null) then
    return null;
  end if;
  return (
    select s.pinned_lists_interval
    from public.source_strategies s
    where s.source_id = coalesce(
      (select id from public.scrape_sources where slug = p_feed.source), private.source_of_host(private.url_host(p_feed.url)))
  );
end
$$;
comment on function private.pinned_lists_interval(public.listing_feeds) is
  'How often an operator wants the lists of a feed''s source checked; null where it is left to the system.';
grant execute on function private.pinned_lists_interval(public.listing_feeds) to authenticated, service_role;
