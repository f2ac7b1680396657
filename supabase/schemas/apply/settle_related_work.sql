create function private.settle_related_work(
  v public.vehicles, p_item jsonb, p_outcome text, p_closed_a_gap boolean, p_live_until timestamptz
) returns void
language plpgsql
set search_path = ''
as $$
declare
  s public.micro_scrape_state;
  v_page_at timestamptz := coalesce((p_item ->> 'page_at')::timestamptz, now());
  v_hash text := p_item ->> 'extraction_hash';
  v_read boolean := p_outcome in ('ok', 'not_modified') and v_hash is not null;
  v_whole boolean := v_read and p_item ? 'facts' and p_item ? 'images'
    and v_page_at > now() - interval '1 hour';
begin
  if public.canonical_listing_url(p_item ->> 'source_url') is distinct from public.canonical_listing_url(v.listing_url) then
    return; -- another listing than the one that a pass reads
  end if;

  -- A page that was read whole just now is the vehicle's pass, whoever read it: nobody fetches it again for that.
  select * into s from public.micro_scrape_state where vehicle_id = v.id;
  if p_item -> 'request' ->> 'queue' = 'micro_scrape_state' or s.state = 'leased' then
    null; -- who holds the lease settles it
  elsif p_outcome = 'gone' then
    update public.micro_scrape_state
    set state = 'ended', last_outcome = 'gone', last_error = p_item ->> 'error'
    where vehicle_id = v.id and state in ('due', 'waiting', 'exhausted', 'failed');
  elsif s.state in ('exhausted', 'ended') then
    -- Somebody else read something new from the page of an exhausted vehicle: it gets another chance.
    update public.micro_scrape_state
    set state = 'due', due_at = now(), no_gain_passes = 0, extraction_hash = v_hash
    where vehicle_id = v.id and v_read and extraction_hash is distinct from v_hash;
  elsif v_whole then
    perform private.settle_micro_scrape(
      v.id, p_outcome, p_closed_a_gap, v_hash, null, null, p_live_until,
      p_item ->> 'method', p_item ->> 'scraper_version');
  elsif v_read then
    update public.micro_scrape_state
    set extraction_hash = v_hash
    where vehicle_id = v.id and extraction_hash is distinct from v_hash;
  end if;

  -- The same for the row that waits to have the auction read, with its bids and comments.
  if p_outcome = 'gone' or (v_whole and p_item ? 'bids') then
    update public.bat_extraction_queue
    set status = case when p_outcome = 'gone' then 'failed' else 'complete' end,
        outcome_code = p_outcome,
        error_message = p_item ->> 'error',
        next_attempt_at = null,
        processed_at = now()
    where id in (
      select id
      from public.bat_extraction_queue
      where vehicle_id = v.id
        and status = 'pending'
        and updated_at <= v_page_at + interval '1 minute' -- asked for since: it is read again
      for update skip locked
    );
  end if;
end
$$;
comment on function private.settle_related_work(public.vehicles, jsonb, text, boolean, timestamptz) is
  'What other workers would have asked this page, and need not any more.';

grant execute on function private.settle_related_work(public.vehicles, jsonb, text, boolean, timestamptz) to service_role;
