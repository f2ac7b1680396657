create table public.listing_feeds (
  id uuid primary key default gen_random_uuid(),
  source text check (source <> ''),
  url text not null check (octet_length(url) <= 2048),
  canonical_url text generated always as (public.canonical_listing_url(url)) stored unique,
  kind text not null default 'index' check (kind in ('index', 'rss', 'search', 'sitemap')),
  about text not null default '',

  enabled boolean not null default true,
  check_interval interval not null default '30 minutes'
    check (check_interval between interval '1 minute' and interval '30 days'),
  code_enabled boolean,
  code_interval interval,
  off_because text check (off_because <> ''),
  is_adaptive boolean not null default true,
  new_per_hour numeric check (new_per_hour >= 0),
  revisit_interval interval check (revisit_interval > interval '0'),
  pages integer not null default 1 check (pages between 1 and 5),

  next_check_at timestamptz not null default now(),
  like private.lease including all,

  last_checked_at timestamptz,
  last_found_at timestamptz,
  last_outcome text check (last_outcome in (
    'ok', 'not_modified', 'gone', 'rate_limited', 'blocked', 'robots_disallowed', 'timeout', 'network',
    'server_error', 'too_large', 'unreadable', 'not_a_listing', 'invalid', 'not_an_index', 'broken'
  )),
  last_error text,
  last_found integer check (last_found >= 0),
  last_new integer check (last_new >= 0),
  last_known integer check (last_known >= 0),
  last_skipped integer check (last_skipped >= 0),
  failures integer not null default 0 check (failures >= 0),
  validators jsonb check (jsonb_typeof(validators) = 'object'),
  sitemap_level integer not null default 0 check (sitemap_level between 0 and 2),
  created_at timestamptz not null default now(),

  constraint a_feed_is_a_web_address check (canonical_url is not null),
  check ((code_enabled is null) = (code_interval is null)),
  constraint a_failure_has_a_reason check (failures = 0 or (last_outcome is not null and last_error is not null))
);
comment on table public.listing_feeds is
  'One row a page that lists listings: checked every check_interval by discover-listings, or as often as it has something new (is_adaptive_feed()). enabled and check_interval are an operator''s to change; a row inserted by hand is a feed like any other.';
comment on column public.listing_feeds.source is 'Slug of the site; null in a row made by hand: its listings say it themselves.';
comment on column public.listing_feeds.code_enabled is
  'What the code wants. While enabled and check_interval say the same they follow the code; once an operator changed one, it stays. Null: the code knows nothing of this feed.';
comment on column public.listing_feeds.is_adaptive is
  'Whether the system may look more or less often than check_interval, by what the page shows. An operator''s; one who changes check_interval need not say it too.';
comment on column public.listing_feeds.new_per_hour is
  'New listings an hour, as a mean in which the last hours count most (half as much every three hours). Null until it was read twice.';
comment on column public.listing_feeds.revisit_interval is
  'How often it is checked now, by new_per_hour; null, or where is_adaptive_feed() says no: check_interval.';
comment on column public.listing_feeds.pages is
  'Pages of it that a check reads: more than the first while a cycle is below its target and the last one showed hardly anything known.';
comment on column public.listing_feeds.off_because is
  'Why the code wants it off: the site''s terms, or nothing there that can be read. Null where it wants it on.';
comment on column public.listing_feeds.last_checked_at is 'When the site last answered, or should have.';
comment on column public.listing_feeds.last_found_at is 'When the page was last read, or the site said that nothing has changed.';
comment on column public.listing_feeds.last_skipped is 'Entries of the page that are no vehicles: parts, signs, wheels.';
comment on column public.listing_feeds.validators is
  'What the site said of the version that was last read in full: final_url, etag, last_modified. Sent along, so that an unchanged page is not sent again.';

comment on column public.listing_feeds.sitemap_level is
  'How many indexes of sitemaps lead to it; none that is named deeper is followed.';

create index listing_feeds_by_source on public.listing_feeds (source);
create index listing_feeds_due on public.listing_feeds (next_check_at) where enabled;

alter table public.listing_feeds enable row level security;
create policy operators_read on public.listing_feeds
  for select to authenticated using ((select private.is_operator()));
grant select on public.listing_feeds to authenticated;
grant all on public.listing_feeds to service_role;
