-- How often the listings of a group are looked at, by how often they change.

create function private.planned_looks(p_groups jsonb)
returns table (source_host text, kind text, age_band smallint, look_every interval)
language sql immutable
set search_path = ''
as $$
  with g as (
    select i.*, i.listings * i.rate_per_day as weight
    from jsonb_to_recordset(p_groups) as i(
      source_host text, kind text, age_band smallint, listings double precision, rate_per_day double precision)
  ),
  ranked as (
    select
      g.*,
      sum(g.weight) over (order by g.rate_per_day desc, g.source_host, g.kind, g.age_band) - g.weight as before,
      sum(g.weight) over () as total
    from g
  ),
  -- A look at a listing brings as many changes within 48 hours as its rate says, as long as looks are further apart
  -- than that: so those that change most are looked at every 44 hours until they hold nearly all changes.
  least_often as (
    select coalesce(min(r.rate_per_day) filter (where r.before < 0.97 * r.total), 0) as rate from ranked r where r.weight > 0
  )
  select
    r.source_host, r.kind, r.age_band,
    make_interval(secs => 3600 * greatest(6, least(336,
      case when r.rate_per_day >= l.rate then least(44, s.hours) else greatest(44, s.hours) end)))
  from ranked r
  cross join least_often l
  -- Where one more request saves the same time of being wrong everywhere.
  cross join lateral (select 24 * sqrt(2 * 0.25 / r.rate_per_day) as hours) s
$$;
comment on function private.planned_looks(jsonb) is
  'How often to look at groups [{source_host, kind, age_band, listings, rate_per_day}], 6 hours to 14 days. The groups that change most, until they hold 97 % of the changes that are expected: every 44 hours or more often; the others every 44 hours or less often; each by the square root of its rate.';
grant execute on function private.planned_looks(jsonb) to service_role;

create function private.look_every(p_host text, p_kind text, p_age interval) returns interval
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return coalesce(
    (
      select r.look_every
      from public.listing_change_rates r
      where r.source_host = p_host and r.kind = p_kind and r.age_band = private.age_band(p_age)
    ),
    (
      select r.look_every
      from public.listing_change_rates r
      where r.source_host = '*' and r.kind = p_kind and r.age_band = private.age_band(p_age)
    ),
    interval '44 hours');
end
$$;
comment on function private.look_every(text, text, interval) is
  'How often a listing of this site, kind and age is looked at.';
grant execute on function private.look_every(text, text, interval) to service_role;

create function private.next_look_at(
  p_status text, p_every interval, p_at timestamptz, p_ends_at timestamptz default null
) returns timestamptz
language sql volatile
return case
  when p_status = 'live' and p_ends_at > p_at then least(p_ends_at, p_at + interval '30 days') + interval '10 minutes'
  when p_status = 'live' then p_at + least(p_every, interval '6 hours') -- its page does not say when, or lags behind
  else p_at + p_every * (0.95 + random() * 0.1)
end;
comment on function private.next_look_at(text, interval, timestamptz, timestamptz) is
  'The look after one at p_at: an auction ten minutes after its end, anything else after p_every, a twentieth more or less, so that looks spread.';
grant execute on function private.next_look_at(text, interval, timestamptz, timestamptz) to service_role;

create function private.look_after_index(
  p_every interval, p_at timestamptz, p_known_at timestamptz, p_next timestamptz, p_said text
) returns timestamptz
language sql volatile
return case p_said
  -- An index is read many times a day: what it names no more is looked at within one.
  when 'the same' then private.next_look_at('for_sale', least(p_every, interval '24 hours'), p_at)
  -- That it still stands is known, what it asks is not.
  when 'named' then greatest(p_at, least(
    private.next_look_at('for_sale', interval '24 hours', p_at), coalesce(p_known_at + p_every * 1.1, p_next)))
  when 'another' then least(p_next, p_at)
end;
comment on function private.look_after_index(interval, timestamptz, timestamptz, timestamptz, text) is
  'The next look at a listing that an index page named at p_at: with the same price, a day later; with none (named) too, but not much later than if it had not; with another one, now.';
grant execute on function private.look_after_index(interval, timestamptz, timestamptz, timestamptz, text) to service_role;
