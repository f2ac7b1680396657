-- Name the candidates to review.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.fill_next_actions(p_verdict text, p_hosts jsonb, p_workers jsonb) returns text[]
language sql stable
set search_path = ''
as $$
  select array_remove(case p_verdict
    when 'supply_limited' then array[
      'more sources: select add_source_candidate(''https://…'');',
      'what waits for a person: select * from source_candidates_to_review;',
      'what is switched off: select url, why, what_to_do from listing_feed_status where state = ''off'';']
    when 'pace_limited' then array[
      format('at their limit, and never pressed harder: %s', (
        select string_agg(h, ', ') from jsonb_array_elements_text(p_hosts -> 'at_limit' -> 'first') h)),
      'fewer pictures leave more of their requests for pages: update fill_policy set galleries = ''cover'';',
      'more sources: select add_source_candidate(''https://…'');',
      (
        select format(
          'where its owner allows more: update source_hosts set min_interval_ms = … where host = %L;',
          p_hosts -> 'at_limit' -> 'first' ->> 0)
        where p_hosts ? 'at_limit'
      )]
    when 'capacity_limited' then (
      select coalesce(array_agg(format('%s: %s', r.why, r.what_to_type) order by w.key), '{}')
      from jsonb_each(p_workers) w
      cross join lateral private.remedy(w.key) r
      where w.value ->> 'state' <> 'ok'
    ) || case
      when p_workers = '{}' then array['nobody invoked a worker: select jobname, schedule, active from cron.job;']
      else '{}'
    end || array[
      'more workers side by side: update fill_policy set workers_ceiling = workers_ceiling * 2;',
      case when p_hosts ? 'over_budget'
        then 'more requests a cycle: update fill_policy set requests_ceiling = requests_ceiling * 2;' end,
      'what is behind: select * from pipeline_status;']
    when 'blocked' then array[
      format('they refuse us or do not serve: %s', (
        select string_agg(h, ', ') from jsonb_array_elements_text(p_hosts -> 'blocked' -> 'first') h)),
      'since when and why: select * from pipeline_status where part like ''host %'';',
      format('when it serves again: select resume_host(%L);', p_hosts -> 'blocked' -> 'first' ->> 0),
      'others in their place: select add_source_candidate(''https://…'');']
    when 'faulty' then (
      select coalesce(array_agg(format('%s: %s', r.why, r.what_to_type) order by w.key), '{}')
      from jsonb_each(p_workers) w
      cross join lateral private.remedy(w.key) r
      where w.value ->> 'state' = 'faulty'
    ) || array[
      format('an error of ours: %s', p_hosts -> 'faulty' -> 'examples' ->> 'why'),
      'which listings: select listing_url, outcome_code, error_message from import_queue where error_message is not null order by updated_at desc limit 20;',
      'which feeds: select url, why, what_to_do from listing_feed_status where state = ''failing'';',
      'when it is mended: select redrive_dead_letters(''import_queue'');']
    else '{}'
  end, null)
$$;
