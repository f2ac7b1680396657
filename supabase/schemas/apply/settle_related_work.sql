-- What other workers would have asked a page that was read, and need not any more.

create function private.was_read_whole(p_item jsonb, p_outcome text) returns boolean
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return p_outcome in ('ok', 'not_modified')
    and p_item ->> 'extraction_hash' is not null
    and p_item ? 'facts'
    and p_item ? 'images'
    and coalesce((p_item ->> 'page_at')::timestamptz, now()) > now() - interval '1 hour';
end
$$;
comment on function private.was_read_whole(jsonb, text) is
  'Whether a reading took from its page all that a pass takes, just now.';
grant execute on function private.was_read_whole(jsonb, text) to service_role;

create function private.state_after_reading(
  s public.micro_scrape_state, v public.vehicles,
  p_item jsonb, p_outcome text, p_closed_a_gap boolean, p_live_until timestamptz
) returns public.micro_scrape_state
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_hash text := p_item ->> 'extraction_hash';
  v_read boolean := p_outcome in ('ok', 'not_modified') and v_hash is not null;
begin
  if p_item -> 'request' ->> 'queue' = 'micro_scrape_state' or s.state = 'leased' then
    null; -- who holds the lease settles it
  elsif p_outcome = 'gone' then
    if s.state in ('due', 'waiting', 'exhausted', 'failed') then
      s.state := 'ended';
      s.last_outcome := 'gone';
      s.last_error := p_item ->> 'error';
    end if;
  elsif s.state in ('exhausted', 'ended') then
    -- Somebody else read something new from the page of an exhausted vehicle: it gets another chance.
    if v_read and s.extraction_hash is distinct from v_hash then
      s.state := 'due';
      s.due_at := now();
      s.no_gain_passes := 0;
      s.extraction_hash := v_hash;
    end if;
  elsif private.was_read_whole(p_item, p_outcome) then
    s := private.state_after_pass(
      s, v, p_outcome, p_closed_a_gap, v_hash, null, null, p_live_until,
      p_item ->> 'method', p_item ->> 'scraper_version');
  elsif v_read then
    s.extraction_hash := v_hash;
  end if;
  return s;
end
$$;
comment on function private.state_after_reading(
  public.micro_scrape_state, public.vehicles, jsonb, text, boolean, timestamptz
) is
  'The state of a vehicle, as it was before, after somebody read the page that its passes read: one that was read whole is its pass, whoever read it. Changes nothing.';
grant execute on function private.state_after_reading(
  public.micro_scrape_state, public.vehicles, jsonb, text, boolean, timestamptz
) to service_role;

create function private.end_auction_requests(p_vehicle_ids uuid[], p_items jsonb[], p_outcomes text[]) returns void
language plpgsql -- its plan is kept
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
begin
  update public.bat_extraction_queue q
  set status = case when r.outcome = 'gone' then 'failed' else 'complete' end,
      outcome_code = r.outcome,
      error_message = r.item ->> 'error',
      next_attempt_at = null,
      processed_at = now()
  from unnest(p_vehicle_ids, p_items, p_outcomes) r(vehicle_id, item, outcome)
  where q.vehicle_id = any (p_vehicle_ids) -- by the index, whatever the order of the join
    and q.vehicle_id = r.vehicle_id
    and q.id in (
      select o.id
      from public.bat_extraction_queue o
      where o.vehicle_id = r.vehicle_id
        and o.status = 'pending'
        -- asked for since: it is read again
        and o.updated_at <= coalesce((r.item ->> 'page_at')::timestamptz, now()) + interval '1 minute'
      for update skip locked
    );
end
$$;
comment on function private.end_auction_requests(uuid[], jsonb[], text[]) is
  'Ends the rows that wait to have the auctions of these vehicles read, with bids and comments: these readings did, or found them gone.';
grant execute on function private.end_auction_requests(uuid[], jsonb[], text[]) to service_role;

create function private.settle_read_pages(
  p_ids uuid[], p_items jsonb[], p_outcomes text[], p_closed_a_gap boolean[], p_live_until timestamptz[]
) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the tables are small, and is kept
as $$
declare
  v_vehicles public.vehicles[];
  v_passes public.micro_scrape_state[];
  v_written public.micro_scrape_state[] := '{}';
  s public.micro_scrape_state;
  v_auctions integer[] := '{}';
begin
  select array_agg(v order by n.place), array_agg(m order by n.place)
  into v_vehicles, v_passes
  from unnest(p_ids) with ordinality n(id, place)
  left join public.vehicles v on v.id = any (p_ids) and v.id = n.id
  left join public.micro_scrape_state m on m.vehicle_id = any (p_ids) and m.vehicle_id = n.id;
  for i in 1 .. cardinality(p_ids) loop
    s := private.state_after_reading(
      v_passes[i], v_vehicles[i], p_items[i], p_outcomes[i], p_closed_a_gap[i], p_live_until[i]);
    if s is distinct from v_passes[i] then
      v_written := v_written || s;
    end if;
    if p_outcomes[i] = 'gone' or (p_items[i] ? 'bids' and private.was_read_whole(p_items[i], p_outcomes[i])) then
      v_auctions := v_auctions || i;
    end if;
  end loop;
  if v_written <> '{}' then
    perform private.write_states(v_written);
  end if;
  if v_auctions <> '{}' then
    perform private.end_auction_requests(
      array(select p_ids[i] from unnest(v_auctions) i), array(select p_items[i] from unnest(v_auctions) i),
      array(select p_outcomes[i] from unnest(v_auctions) i));
  end if;
end
$$;
comment on function private.settle_read_pages(uuid[], jsonb[], text[], boolean[], timestamptz[]) is
  'What other workers would have asked these pages, those that the passes of their vehicles read, and need not any more.';
grant execute on function private.settle_read_pages(uuid[], jsonb[], text[], boolean[], timestamptz[]) to service_role;

create function private.settle_related_work(
  v public.vehicles, p_item jsonb, p_outcome text, p_closed_a_gap boolean, p_live_until timestamptz
) returns void
language plpgsql
set search_path = ''
as $$
begin
  if public.canonical_listing_url(p_item ->> 'source_url') is distinct from public.canonical_listing_url(v.listing_url) then
    return; -- another listing than the one that a pass reads
  end if;
  perform private.settle_read_pages(
    array[v.id], array[p_item], array[p_outcome], array[p_closed_a_gap], array[p_live_until]);
end
$$;
comment on function private.settle_related_work(public.vehicles, jsonb, text, boolean, timestamptz) is
  'What other workers would have asked this page, and need not any more.';

grant execute on function private.settle_related_work(public.vehicles, jsonb, text, boolean, timestamptz) to service_role;
