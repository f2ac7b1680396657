-- The record of one auction as a page states it.

create function private.apply_auction(
  p_vehicle_id uuid, p_source_url text, p_page_at timestamptz, p_auction jsonb, p_bids jsonb, p_comments jsonb
) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_event uuid;
  v_newest boolean;
  v_message text;
  v_detail text;
begin
  insert into public.auction_events as held (
    vehicle_id, source_url, outcome, sale_price, high_bid, currency, bid_count, comment_count,
    view_count, watcher_count, reserve_met, no_reserve, lot_number, starts_at, ends_at, seller, buyer,
    page_at
  )
  select
    p_vehicle_id, public.canonical_listing_url(p_source_url), a.outcome, a.sale_price, a.high_bid,
    a.currency, a.bid_count, a.comment_count, a.view_count, a.watcher_count, a.reserve_met,
    a.no_reserve, a.lot_number, a.starts_at, a.ends_at, a.seller, a.buyer, p_page_at
  from jsonb_populate_record(null::public.auction_events, p_auction) a
  on conflict (source_url) do update
  set outcome = excluded.outcome,
      sale_price = excluded.sale_price,
      high_bid = case when excluded.bid_count = 0 then excluded.high_bid else coalesce(excluded.high_bid, held.high_bid) end,
      currency = coalesce(excluded.currency, held.currency),
      bid_count = coalesce(excluded.bid_count, held.bid_count),
      comment_count = coalesce(excluded.comment_count, held.comment_count),
      view_count = coalesce(excluded.view_count, held.view_count),
      watcher_count = coalesce(excluded.watcher_count, held.watcher_count),
      reserve_met = coalesce(excluded.reserve_met, held.reserve_met),
      no_reserve = coalesce(excluded.no_reserve, held.no_reserve),
      lot_number = coalesce(excluded.lot_number, held.lot_number),
      starts_at = coalesce(excluded.starts_at, held.starts_at),
      ends_at = coalesce(excluded.ends_at, held.ends_at),
      seller = coalesce(excluded.seller, held.seller),
      buyer = case when excluded.outcome = 'sold' then coalesce(excluded.buyer, held.buyer) end,
      page_at = excluded.page_at,
      updated_at = now()
  where held.vehicle_id = excluded.vehicle_id
    and held.page_at <= excluded.page_at
  returning id into v_event;
  v_newest := v_event is not null;
  if not v_newest then -- an older page: its outcome is outdated, its bids and comments are not
    select id into v_event
    from public.auction_events
    where source_url = public.canonical_listing_url(p_source_url) and vehicle_id = p_vehicle_id;
  end if;
  if v_event is null then
    raise exception 'the auction % belongs to another vehicle', p_source_url
      using errcode = '23505', hint = 'see auction_events.source_url';
  end if;

  begin -- on its own: how the auction ended is kept, whatever is the matter with a bid or a comment
    insert into public.auction_bids as held (auction_event_id, source_id, amount, currency, bidder, placed_at)
    select distinct on (b.source_id) v_event, b.source_id, b.amount, b.currency, b.bidder, b.placed_at
    from jsonb_to_recordset(p_bids)
      as b(source_id text, amount numeric, currency text, bidder text, placed_at timestamptz)
    on conflict (auction_event_id, source_id) do nothing;

    -- A bid that the site has struck out since was never one. Only a page that names all bids can say so.
    if v_newest and (p_auction ->> 'bid_count')::integer = jsonb_array_length(p_bids) then
      delete from public.auction_bids b
      where b.auction_event_id = v_event
        and not exists (select from jsonb_array_elements(p_bids) i where i ->> 'source_id' = b.source_id);
    end if;

    insert into public.auction_comments as held (auction_event_id, source_id, author, body, posted_at, is_seller)
    select distinct on (c.source_id) v_event, c.source_id, c.author, c.body, c.posted_at, c.is_seller
    from jsonb_to_recordset(p_comments)
      as c(source_id text, author text, body text, posted_at timestamptz, is_seller boolean)
    on conflict (auction_event_id, source_id) do update
    set body = excluded.body
    where held.body <> excluded.body
      and v_newest;
    return null;
  exception
  when lock_not_available or deadlock_detected then
    raise; -- the item is handed back whole
  when others then
    get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
    return concat_ws(': ', v_message, nullif(v_detail, ''));
  end;
end
$$;
comment on function private.apply_auction(uuid, text, timestamptz, jsonb, jsonb, jsonb) is
  'Writes the record of one auction with its bids and comments; reading the same page twice changes nothing. Gives why bids and comments could not be written, else null.';

grant execute on function private.apply_auction(uuid, text, timestamptz, jsonb, jsonb, jsonb) to service_role;
