begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into listing_feeds (id, url, check_interval)
values ('00000000-0000-4000-8000-000000000001', 'https://www.cars.example/new/?utm_source=x', '30 minutes');

create function pg_temp.checked(result jsonb) returns interval language plpgsql as $$
declare
  v_feed jsonb := claim_listing_feeds(1, array['00000000-0000-4000-8000-000000000001']::uuid[]) -> 0;
  v_item jsonb := result || jsonb_build_object('id', v_feed -> 'id', 'lease_token', v_feed -> 'lease_token');
begin
  if result ? 'outcome' then
    perform settle_listing_feeds(jsonb_build_array(v_item));
  else
    perform release_listing_feeds(jsonb_build_array(v_item));
  end if;
  return (select next_check_at - now() from listing_feeds where id = (v_feed ->> 'id')::uuid);
end
$$;
create function pg_temp.feed() returns listing_feeds language sql as
  $$select * from listing_feeds where id = '00000000-0000-4000-8000-000000000001'$$;
update listing_feeds set next_check_at = now() + interval '1 day', enabled = false;
update listing_feeds set enabled = true;

select is((pg_temp.feed()).next_check_at, now(), 'a feed that is switched on is due at once');
select is(pg_temp.checked('{"outcome": "ok", "found": 0, "new": 0, "known": 0, "skipped": 0}'), '30 minutes'::interval, 'a feed that was switched on and read is checked again after its check_interval');
update listing_feeds set check_interval = '10 minutes';
select is((pg_temp.feed()).next_check_at - now(), '10 minutes'::interval, 'a check_interval that is made shorter moves the next check at once');

select * from finish();
rollback;
