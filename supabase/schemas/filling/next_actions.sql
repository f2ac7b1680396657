-- What helps after a verdict: each line is what an operator types at two in the morning, or names what it is about.

create function private.fill_next_actions(p_verdict text, p_metrics jsonb) returns text[]
language sql stable
set search_path = ''
as $$
  with hosts as (
    select e.state, x.host, x.listings, x.why, x.place
    from jsonb_each(p_metrics -> 'hosts') e(state, of_state)
    cross join lateral rows from (
      jsonb_to_recordset(e.of_state -> 'examples') as (host text, listings bigint, why text)
    ) with ordinality as x(host, listings, why, place)
  ),
  named as (
    select h.state, string_agg(h.host || coalesce(' (' || h.why || ')', ''), ', ' order by h.place) as hosts
    from hosts h
    group by h.state
  ),
  workers as (
    select
      coalesce(array_agg(format('%s: %s', r.why, r.what_to_type) order by w.key) filter (where w.value ->> 'state' <> 'ok'), '{}')
        as amiss,
      coalesce(array_agg(format('%s: %s', r.why, r.what_to_type) order by w.key) filter (where w.value ->> 'state' = 'faulty'), '{}')
        as faulty
    from jsonb_each(p_metrics -> 'workers') w
    cross join lateral private.remedy_of(w.key, w.value ->> 'why') r
  ),
  jobs as (
    select format(
      'switched off in cron: select cron.alter_job(jobid, active := true) from cron.job where jobname in (%s);',
      string_agg(quote_literal(j), ', ' order by j)) as off
    from jsonb_array_elements_text(p_metrics -> 'jobs_off') j
    having count(*) > 0
  )
  select array_remove(case p_verdict
    when 'supply_limited' then array[
      'more sources: select add_source_candidate(''https://…'');',
      'what waits for a person: select * from source_candidates_to_review;',
      'what is switched off: select url, why, what_to_do from listing_feed_status where state = ''off'';']
    when 'pace_limited' then array[
      (select 'at their limit, and never pressed harder: ' || n.hosts from named n where n.state = 'at_limit'),
      case when (p_metrics #>> '{hosts,at_limit,pictures}')::bigint > 0
        then format(
          '%s of their %s requests were for pictures, fewer leave more for pages: update fill_policy set galleries = ''cover'';',
          p_metrics #>> '{hosts,at_limit,pictures}', p_metrics #>> '{hosts,at_limit,requests}') end,
      'more sources: select add_source_candidate(''https://…'');',
      (
        select format('where its owner allows more: update source_hosts set min_interval_ms = … where host = %L;', h.host)
        from hosts h
        where h.state = 'at_limit' and h.why = 'min_interval_ms'
        order by h.place
        limit 1
      )]
    when 'capacity_limited' then (select w.amiss from workers w) || array[
      (select j.off from jobs j),
      case when p_metrics #> '{hosts,over_budget}' is not null
        then 'more requests a cycle: update fill_policy set requests_ceiling = least(requests_ceiling * 2, 10000000);' end,
      -- More of what does not run would not help.
      case when (select w.amiss = '{}' from workers w) and not exists (select from jobs)
        then 'more workers side by side: update fill_policy set workers_ceiling = least(workers_ceiling * 2, 50);' end,
      'what is behind: select * from pipeline_status;']
    when 'blocked' then array[
      (select 'they refuse us or do not serve: ' || n.hosts from named n where n.state = 'blocked'),
      'since when and why: select * from pipeline_status where part like ''host %'';',
      'which feeds: select url, why, what_to_do from listing_feed_status where state = ''failing'';',
      (
        select format('when it serves again: select resume_host(%L);', h.host)
        from hosts h where h.state = 'blocked' order by h.place limit 1
      ),
      'others in their place: select add_source_candidate(''https://…'');']
    when 'faulty' then (select w.faulty from workers w) || array(
      select format('an error of ours, %s: %s',
        case when e.listings > 0 then format('%s listings', e.listings) else format('the lists of %s hosts', e.hosts) end, e.error)
      from jsonb_to_recordset(p_metrics -> 'errors') as e(error text, hosts bigint, listings bigint)
      where e.error <> private.worker_died()
    ) || (
      select array[
        max(format('%s listings whose worker broke: the log of process-import-queue says why', e.listings))
          filter (where e.error = private.worker_died()),
        case when sum(e.listings) > 0
          then 'which listings: select listing_url, outcome_code, error_message from import_queue where error_message is not null order by updated_at desc limit 20;' end,
        case when bool_or(e.listings = 0)
          then 'which feeds: select url, why, what_to_do from listing_feed_status where state = ''failing'';' end,
        case when sum(e.listings) > 0
          then 'when it is mended: select redrive_dead_letters(''import_queue'');' end]
      from jsonb_to_recordset(p_metrics -> 'errors') as e(error text, hosts bigint, listings bigint)
    )
    else '{}'
  end, null)
$$;
comment on function private.fill_next_actions(text, jsonb) is
  'What would help after a verdict with these metrics, and what to type.';

grant execute on function private.fill_next_actions(text, jsonb) to service_role;
