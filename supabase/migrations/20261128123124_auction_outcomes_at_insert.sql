-- Auction outcomes at insert.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.is_auction_host(p_host text) returns boolean
language sql stable
set search_path = ''
as $$
  select coalesce(p_host = 'bringatrailer.com', false)
    or exists (select from public.scrape_sources where kind = 'auction' and p_host = any (hosts))
$$;

create or replace function private.note_manual_inserts() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_new jsonb := to_jsonb(new);
begin
  -- What an auction came to is what its own page says: a row that was made with a wrong sale is there to be repaired.
  if private.is_auction_host(private.url_host(new.discovery_url)) then
    v_new := v_new - array['sale_price', 'high_bid', 'sale_status', 'sale_date'];
  end if;
  -- Who says how sure a value is, and where it comes from, is believed.
  new.field_state := (
    select coalesce(jsonb_object_agg(f, jsonb_build_object('confidence', 1, 'method', 'manual', 'at', now())), '{}')
    from unnest(private.fact_columns()) f
    where v_new ->> f is not null
  ) || new.field_state;
  if new.description is not null then
    new.description_source := coalesce(new.description_source, 'manual');
  end if;
  return new;
end
$$;

comment on function private.is_auction_host(text) is 'Whether the listings of a host are auctions.';

comment on function private.note_manual_inserts() is 'A fact inserted outside an import was set by a person, as one that is edited: confidence 1, method manual, kept from then on; but for what an auction came to, which its page says.';

revoke all on function private.is_auction_host(text) from public;

grant execute on function private.is_auction_host(text) to postgres, service_role;
