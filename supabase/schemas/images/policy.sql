-- Which pictures are downloaded: fill_policy.galleries. What is not is left where it stands, due, until the policy changes.

create function private.last_wave() returns integer
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return coalesce(
    (select case p.galleries when 'none' then -1 when 'cover' then 0 else 3 end from public.fill_policy p), 3);
end
$$;
comment on function private.last_wave() is
  'The last wave of image_downloads that is downloaded: 3 all, 0 the cover of each vehicle, -1 none, as fill_policy.galleries says.';

create function public.pictures_wanted() returns text
language sql stable
set search_path = ''
as $$
  select coalesce((select p.galleries from public.fill_policy p), 'all')
$$;
comment on function public.pictures_wanted() is 'Which pictures are downloaded, by fill_policy.galleries: none, cover or all.';
revoke execute on function public.pictures_wanted() from public, anon, authenticated;
grant execute on function private.last_wave() to authenticated, service_role;
grant execute on function public.pictures_wanted() to service_role;
