-- Tell two cars a year apart.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.why_same_car(a public.vehicles, b public.vehicles) returns text
language plpgsql stable -- whose plans are kept
set search_path = ''
as $$
begin
  return (
    with others as materialized ( -- else all vehicles are asked
      select o as other
      from private.vehicles_of_vins(array[a.vin]) i
      join public.vehicles o on o.id = i.id
      where o.id not in (a.id, b.id)
    )
    select p.proof
    from private.proof_of_same_car(a, b) p(proof)
    where p.proof is not null
      -- A third that is one of them and not the other leaves open which of them is what.
      and not exists (
        select
        from others
        where (private.proof_of_same_car(a, other) is null) <> (private.proof_of_same_car(b, other) is null)
          -- Or shows that the VIN is two cars'. Pages say the year wrong by one.
          or (abs((other).year - a.year) <= 1 and lower((other).make) = lower(a.make)
            and (private.is_known_apart(a.id, (other).id) or private.is_known_apart(b.id, (other).id)))
      )
  );
end
$$;
