-- What waits for a person's eye: readings in conflict, those of the audit, and those that are too unsure to count.

create function private.review_ids(p_kind text, p_after_at text, p_after_id bigint, p_limit integer)
returns table (id bigint, at text)
language plpgsql stable
set search_path = ''
as $$
begin
  if p_kind = 'conflict' then
    return query
      select m.id, m.extracted_at::text
      from public.extraction_metadata m
      where m.validation_status = 'conflict'
        and (p_after_id is null or (m.extracted_at, m.id) < (p_after_at::timestamptz, p_after_id))
      order by m.extracted_at desc, m.id desc
      limit p_limit;
  elsif p_kind = 'audit' then
    return query
      select m.id, a.week::text
      from public.audit_readings a
      join public.extraction_metadata m on m.id = a.extraction_id
      where a.week > current_date - 28
        and m.reviewed_at is null
        and m.validation_status = 'accepted'
        and (p_after_id is null or a.week < p_after_at::date or a.week = p_after_at::date and m.id > p_after_id)
      order by a.week desc, m.id
      limit p_limit;
  else
    return query
      select m.id, m.confidence_score::text
      from public.extraction_metadata m
      where m.validation_status = 'accepted'
        and m.confidence_score < 0.6 -- as private.sure_enough() says, and the index
        and (p_after_id is null or (m.confidence_score, m.id) > (p_after_at::numeric, p_after_id))
      order by m.confidence_score, m.id
      limit p_limit;
  end if;
end
$$;
comment on function private.review_ids(text, text, bigint, integer) is
  'The next readings of a kind, after one: conflicts newest first, the audit by week, the unsure ones the least sure first.';

create function private.review_row(p_kind text, p_id bigint) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', m.id,
    'kind', p_kind,
    'vehicle_id', v.id,
    'title', private.vehicle_title(v),
    'field', m.field_name,
    'value', m.field_value,
    'confidence', m.confidence_score,
    'method', m.extraction_method,
    'reading_way', m.reading_way,
    'source_url', m.source_url,
    'evidence', m.evidence,
    'read_at', m.last_confirmed_at,
    'snapshot', (
      select jsonb_build_object('id', p.id, 'bucket', 'page-snapshots', 'path', p.storage_path, 'fetched_at', p.fetched_at)
      from public.page_snapshots p where p.id = m.snapshot_id),
    'held', case when p_kind = 'conflict' then jsonb_build_object(
      'value', h.held, 'confidence', private.field_confidence(v.field_state, m.field_name), 'method', h.state -> 'method',
      'source', h.state -> 'source', 'at', h.state -> 'at',
      'evidence', k.evidence, 'source_url', k.source_url, 'reading_way', k.reading_way) end,
    'why', case p_kind
      when 'conflict' then format('%s says "%s", and "%s" is held', coalesce(private.url_host(m.source_url), m.extraction_method),
        coalesce(m.field_value, 'nothing'), coalesce(h.held, 'nothing'))
      when 'audit' then 'drawn at random: is it what the page says, and true?'
      else 'too unsure to count in the score' || coalesce(': read from ' || m.evidence, ', and nothing says where it stood')
    end,
    'stands_for', (select round(1 / a.probability) from public.audit_readings a where p_kind = 'audit' and a.extraction_id = m.id),
    'points', private.field_points(m.field_name),
    'seen', private.value_seen(h.held, h.state, m.validation_status, m.field_value))
  from public.extraction_metadata m
  join public.vehicles v on v.id = m.vehicle_id
  cross join lateral (select to_jsonb(v) ->> m.field_name as held, v.field_state -> m.field_name as state) h
  left join lateral (
    select a.evidence, a.source_url, a.reading_way from public.extraction_metadata a
    where p_kind = 'conflict' and a.vehicle_id = m.vehicle_id and a.field_name = m.field_name and a.validation_status = 'accepted'
    order by a.last_confirmed_at desc, a.id desc
    limit 1
  ) k on true
  where m.id = p_id
$$;
comment on function private.review_row(text, bigint) is 'A reading to be reviewed, with what is held beside it.';

create function public.dashboard_review(p_limit integer default 50, p_after text default null, p_kind text default null) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_kinds text[] := array['conflict', 'audit', 'unsure'];
  v_kind text;
  v_after text[] := string_to_array(p_after, '|');
  v_limit integer := least(greatest(coalesce(p_limit, 50), 1), 100);
  v_rows jsonb := '[]';
  v_more jsonb;
  v_next text;
  v_truth jsonb := private.part_state('truth');
begin
  perform private.require_operator();
  if p_kind is not null and p_kind <> all (v_kinds) then
    raise exception 'a kind is conflict, audit or unsure, not "%"', left(p_kind, 20) using errcode = '22023';
  end if;
  if p_after is not null and (cardinality(v_after) <> 3 or v_after[1] <> all (v_kinds) or v_after[3] !~ '^\d{1,18}$') then
    raise exception 'p_after is what an answer of this function gave as after' using errcode = '22023';
  end if;
  foreach v_kind in array v_kinds loop
    continue when v_kind <> coalesce(p_kind, v_kind)
      or array_position(v_kinds, v_kind) < coalesce(array_position(v_kinds, v_after[1]), 1);
    exit when jsonb_array_length(v_rows) >= v_limit;
    select
      jsonb_agg(private.review_row(v_kind, i.id) order by i.n),
      coalesce((array_agg(concat_ws('|', v_kind, i.at, i.id) order by i.n desc))[1], v_next)
    into v_more, v_next
    from private.review_ids(
      v_kind, case when v_after[1] = v_kind then v_after[2] end, case when v_after[1] = v_kind then v_after[3]::bigint end,
      v_limit - jsonb_array_length(v_rows)) with ordinality i(id, at, n);
    v_rows := v_rows || coalesce(v_more, '[]');
  end loop;
  return jsonb_build_object(
    'now', clock_timestamp(),
    'open', jsonb_build_object(
      'conflict', v_truth -> 'conflicts' -> 'count', 'unsure', v_truth -> 'unsure' -> 'count', 'audit', v_truth -> 'audit_open',
      'at_least', (
        select coalesce(jsonb_agg(c.name), '[]')
        from (values ('conflict', v_truth -> 'conflicts' ->> 'how'), ('unsure', v_truth -> 'unsure' ->> 'how')) c(name, how)
        where c.how = 'at_least')),
    'after', case when jsonb_array_length(v_rows) >= v_limit then v_next end,
    'rows', v_rows);
end
$$;
comment on function public.dashboard_review(integer, text, text) is
  'Readings that wait for a person: conflicts, then the audit, then what is too unsure to count, or one kind; a hundred at most, and after for the next. operator_review() decides. For operators.';

grant execute on function
  private.review_ids(text, text, bigint, integer),
  private.review_row(text, bigint),
  public.dashboard_review(integer, text, text)
to authenticated, service_role;
