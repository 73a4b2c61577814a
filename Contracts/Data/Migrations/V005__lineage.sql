-- Section: history ------------------------------------------------------------------------------------------------------------
-- Groups are written under a lock that is waited for after the transaction began: the time of the statement follows seq, that of the transaction does not.
alter table cpf.group_events alter column at set default statement_timestamp();
create index group_events_at on cpf.group_events using brin (at);

create table cpf.image_contents (
    image_id   uuid        not null,
    until      timestamptz not null,
    content_id bigint,
    primary key (image_id, until)
);
create index image_contents_content on cpf.image_contents (content_id) where content_id is not null;
comment on table  cpf.image_contents is 'What images showed before: a row whenever an image shows another content or none from now on. What it shows now is in cpf.images.';
comment on column cpf.image_contents.image_id   is 'The image.';
comment on column cpf.image_contents.until      is 'When it ceased to show the content; it had begun at the row before, or when the image was submitted.';
comment on column cpf.image_contents.content_id is 'The content; null when it showed none (not fetched yet, rejected, retracted), or one that was erased since.';

create function cpf.keep_image_contents() returns trigger
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
begin
    -- Two changes in one microsecond: what was shown in between was never seen.
    insert into cpf.image_contents (image_id, until, content_id)
    select o.image_id, t.at, case when o.state = 'stored' then o.content_id end
    from old_rows o
    join new_rows n using (image_id)
    cross join (select clock_timestamp() as at) t
    where case when o.state = 'stored' then o.content_id end is distinct from case when n.state = 'stored' then n.content_id end
    on conflict (image_id, until) do nothing;
    return null;
end $$;
comment on function cpf.keep_image_contents() is 'Trigger: keeps what updated images showed before.';
create trigger images_keep_contents after update on cpf.images
    referencing old table as old_rows new table as new_rows for each statement execute function cpf.keep_image_contents();

create function cpf.forget_image_contents() returns trigger
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
begin
    delete from cpf.image_contents h using old_rows o where h.image_id = o.image_id;
    return null;
end $$;
comment on function cpf.forget_image_contents() is 'Trigger: an image that is deleted has no history.';
create trigger images_forget_contents after delete on cpf.images
    referencing old table as old_rows for each statement execute function cpf.forget_image_contents();

create function cpf.forget_erased_content() returns trigger
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
begin
    update cpf.image_contents set content_id = null where content_id = new.content_id;
    return null;
end $$;
comment on function cpf.forget_erased_content() is 'Trigger: a content that is erased is erased from the history of images too.';
create trigger contents_forget_erased after update of state on cpf.contents
    for each row when (new.state = 'erased' and old.state <> 'erased') execute function cpf.forget_erased_content();

create table cpf.model_activations (
    seq      bigint      generated always as identity primary key,
    model_id bigint      not null references cpf.models (model_id) on delete cascade,
    at       timestamptz not null
);
comment on table  cpf.model_activations is 'When which model became the active one.';
comment on column cpf.model_activations.seq      is 'Order.';
comment on column cpf.model_activations.model_id is 'The model.';
comment on column cpf.model_activations.at       is 'When it became active; it stayed so until the next row.';

create function cpf.keep_model_activation() returns trigger
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
begin
    insert into cpf.model_activations (model_id, at) values (new.model_id, now());
    return null;
end $$;
comment on function cpf.keep_model_activation() is 'Trigger: keeps when a model became active.';
create trigger models_keep_first_activation after insert on cpf.models
    for each row when (new.state = 'active') execute function cpf.keep_model_activation();
create trigger models_keep_activation after update of state on cpf.models
    for each row when (new.state = 'active' and old.state <> 'active') execute function cpf.keep_model_activation();
insert into cpf.model_activations (model_id, at)
select model_id, activated_at from cpf.models where activated_at is not null and state in ('active', 'retired') order by activated_at;

-- Section: exact similarity ---------------------------------------------------------------------------------------------------
-- Halves are multiples of 2^-24, so their products and the sums of these are exact in double, in any order (Contracts/Matching/Similarity.cs).
-- pgvector's <#> adds in single precision: good enough to say which pairs need a closer look, see cpf.similarity_error.
create function cpf.exact_similarity(a halfvec, b halfvec) returns double precision
language sql immutable strict parallel safe as $$
    select sum(x::double precision * y::double precision) from unnest(a::real[], b::real[]) as t(x, y)
$$;
comment on function cpf.exact_similarity(halfvec, halfvec) is 'Dot product of two stored embeddings of one head, exact, the number that groups rest on.';

create function cpf.similarity_error(dim integer) returns double precision
language sql immutable strict parallel safe as $$
    -- n roundings of 2^-24 relative to |a| |b| <= 16 (n u / (1 - n u) < 2 n u).
    select dim * 2.0 ^ -23 * 16
$$;
comment on function cpf.similarity_error(integer) is 'How far pgvector''s inner product of two stored embeddings may be from the exact one.';

-- Section: parts of the functions below, not for readers -----------------------------------------------------------------------
create function cpf.require_image(image uuid, argument text) returns void
language plpgsql stable set search_path = cpf, public, pg_temp as $$
begin
    if image is null then
        raise exception '% is null: give an image_id, as in cpf.image_status', argument using errcode = 'null_value_not_allowed';
    end if;
    if not exists (select from cpf.images i where i.image_id = image) then
        raise exception 'there is no image %', image
            using errcode = 'no_data_found', hint = 'Find the image_id by source and external_id in cpf.image_status.';
    end if;
end $$;
comment on function cpf.require_image(uuid, text) is 'Raises an error unless there is such an image.';

create function cpf.require_active_model() returns bigint
language plpgsql stable set search_path = cpf, public, pg_temp as $$
declare model bigint;
begin
    select m.model_id into model from cpf.models m where m.state = 'active';
    if model is null then
        raise exception 'no model is active yet: nothing is matched' using errcode = 'object_not_in_prerequisite_state';
    end if;
    return model;
end $$;
comment on function cpf.require_active_model() is 'The active model; raises an error before there is one.';

create function cpf.verdict_merges(model bigint, among bigint[] default null) returns bigint[]
language sql stable set search_path = cpf, public, pg_temp as $$
    with recursive ends as (
        select unnest(among) as content_id
        union
        select unnest(array[v.content_a, v.content_b]) from cpf.verdicts v where among is null and v.verdict = 'same'
    ), reach as (
        select e.content_id, e.content_id as reached from ends e
        union
        select r.content_id, o.content_id
        from reach r
        cross join lateral (
            select v.content_b as content_id from cpf.verdicts v where v.content_a = r.reached and v.verdict = 'same'
            union all
            select v.content_a from cpf.verdicts v where v.content_b = r.reached and v.verdict = 'same') o
        join cpf.group_members g on g.model_id = model and g.content_id = o.content_id
    )
    select coalesce(array_agg(t."right"), '{}')
    from cpf.group_merges t
    join reach r on r.content_id = t."right" and r.reached = t."left"
    where t.model_id = model
$$;
comment on function cpf.verdict_merges(bigint, bigint[]) is 'The merges ("right") that hold at any threshold: both clusters are in one closure of `same` verdicts.';

create function cpf.merge_of(model bigint, a bigint, b bigint)
returns table ("left" bigint, "right" bigint, height double precision)
language sql stable rows 1 set search_path = cpf, public, pg_temp as $$
    -- Every content hangs below the one its cluster was merged into. Two contents are together once all merges on the way between them are made.
    with recursive above_a as (
        select t."left", t."right", t.height from cpf.group_merges t where t.model_id = model and t."right" = a
        union all
        select t."left", t."right", t.height from above_a c join cpf.group_merges t on t.model_id = model and t."right" = c."left"
    ), above_b as (
        select t."left", t."right", t.height from cpf.group_merges t where t.model_id = model and t."right" = b
        union all
        select t."left", t."right", t.height from above_b c join cpf.group_merges t on t.model_id = model and t."right" = c."left"
    ), way as (
        (select * from above_a except select * from above_b)
        union all
        (select * from above_b except select * from above_a)
    )
    select w."left", w."right", w.height
    from way w
    cross join (select cpf.verdict_merges(model, array_agg(x."right")) as merges from way x) v
    order by w."right" = any(v.merges), case when w."right" = any(v.merges) then 0 else w.height end, w."left" desc, w."right" desc
    limit 1
$$;
comment on function cpf.merge_of(bigint, bigint, bigint) is 'The merge by which two contents of one group came together: the last on their way through the tree.';

create function cpf.mean_similarity(model bigint, group_a bigint, group_b bigint) returns double precision
language sql stable set search_path = cpf, public, pg_temp as $$
    with units as (
        -- In multiples of 2^-24; a sum over n members is below n 2^26 and exact in double.
        select g.group_id, t.k, count(*) as members, (sum(t.v::double precision) * 16777216)::bigint as total
        from cpf.models m
        join cpf.group_members g on g.model_id = m.model_id and g.group_id in (mean_similarity.group_a, mean_similarity.group_b)
        join cpf.embeddings    e on e.head_id = m.head_id and e.content_id = g.content_id
        cross join lateral unnest(e.embedding::real[]) with ordinality as t(v, k)
        where m.model_id = model
        group by g.group_id, t.k
    )
    select (sum(a.total::numeric * b.total) / 281474976710656 / min(a.members) / min(b.members))::double precision
    from units a
    join units b on b.k = a.k
    where a.group_id = mean_similarity.group_a and b.group_id = mean_similarity.group_b
$$;
comment on function cpf.mean_similarity(bigint, bigint, bigint) is 'Mean similarity of the contents of one group with those of another: what average linkage goes by.';

create function cpf.shortest_chain(model bigint, a bigint, b bigint, members bigint[]) returns bigint[]
language plpgsql stable set search_path = cpf, public, pg_temp as $$
declare
    head bigint; tau double precision; error double precision;
    frontier bigint[] := array[a]; widths double precision[] := array['infinity'::double precision];
    remaining bigint[] := array_remove(members, a);
    seen bigint[] := array[a]; vias bigint[] := array[null::bigint]; next_vias bigint[];
    way bigint[] := array[b];
begin
    select m.head_id, m.threshold, cpf.similarity_error(h.embedding_dim) into head, tau, error
    from cpf.models m join cpf.heads h using (head_id) where m.model_id = model;
    -- Layer by layer from a, so that the first chain found is a shortest one; within a layer the widest way to each content wins.
    while not b = any(seen) loop
        with f as materialized (
            select t.id, t.width, e.embedding
            from unnest(frontier, widths) as t(id, width)
            join cpf.embeddings e on e.head_id = head and e.content_id = t.id
        ), r as materialized (
            select e.content_id as id, e.embedding from cpf.embeddings e where e.head_id = head and e.content_id = any(remaining)
        ), judged as materialized (
            select v.content_a as a, v.content_b as b, v.verdict from cpf.verdicts v where v.content_a = any(frontier) and v.content_b = any(remaining)
            union all
            select v.content_b, v.content_a, v.verdict from cpf.verdicts v where v.content_b = any(frontier) and v.content_a = any(remaining)
        ), edges as (
            select f.id as via, r.id, least(f.width, -(f.embedding <#> r.embedding)) as width
            from f
            join r on -(f.embedding <#> r.embedding) >= tau - error
            where (-(f.embedding <#> r.embedding) >= tau + error or cpf.exact_similarity(f.embedding, r.embedding) >= tau)
              and not exists (select from judged j where j.a = f.id and j.b = r.id)
            union all
            select f.id, j.b, f.width from f join judged j on j.a = f.id and j.verdict = 'same'
        ), best as (
            select distinct on (id) id, via, width from edges order by id, width desc, via
        )
        select array_agg(id order by id), array_agg(via order by id), array_agg(width order by id) into frontier, next_vias, widths from best;
        if frontier is null then return null; end if;
        seen := seen || frontier;
        vias := vias || next_vias;
        remaining := array(select unnest(remaining) except select unnest(frontier));
    end loop;
    while way[1] <> a loop
        way := vias[array_position(seen, way[1])] || way;
    end loop;
    return way;
end $$;
comment on function cpf.shortest_chain(bigint, bigint, bigint, bigint[]) is
    'A chain of contents from a to b among the members given, each with an edge to the next: of the shortest ones the one whose weakest link is strongest. Null when there is none.';

create function cpf.tree_chain(model bigint, a bigint, b bigint) returns bigint[]
language sql stable set search_path = cpf, public, pg_temp as $$
    with recursive above_a as (
        select a as id, 0 as n
        union all
        select t."left", c.n + 1 from above_a c join cpf.group_merges t on t.model_id = model and t."right" = c.id
    ), above_b as (
        select b as id, 0 as n
        union all
        select t."left", c.n + 1 from above_b c join cpf.group_merges t on t.model_id = model and t."right" = c.id
    ), meeting as (
        select x.id, x.n as n_a, y.n as n_b from above_a x join above_b y using (id) order by x.n limit 1
    )
    select (select array_agg(x.id order by x.n) from above_a x where x.n <= m.n_a)
        || (select array_agg(y.id order by y.n desc) from above_b y where y.n < m.n_b)
    from meeting m
$$;
comment on function cpf.tree_chain(bigint, bigint, bigint) is 'The way from one content to another of the same group through the merges of clusters. Null when there is none.';

create function cpf.content_image(content bigint) returns uuid
language sql stable set search_path = cpf, public, pg_temp as $$
    select i.image_id from cpf.images i where i.content_id = content and i.state = 'stored' order by i.source, i.external_id limit 1
$$;
comment on function cpf.content_image(bigint) is 'The first live image that shows a content, by source and external id.';

-- Section: lineage, for data teams ----------------------------------------------------------------------------------------------
create function cpf.group_history(image uuid)
returns table (from_at timestamptz, to_at timestamptz, model_id bigint, content_id bigint, group_id bigint)
language plpgsql stable security definer rows 10 set search_path = cpf, public, pg_temp as $$
#variable_conflict use_column
begin
    perform cpf.require_image(image, 'image');
    return query
    with shown as materialized (
        select s.content_id, coalesce(lag(s.until) over (order by s.until), i.submitted_at) as since, s.until
        from cpf.images i
        cross join lateral (
            select h.content_id, h.until from cpf.image_contents h where h.image_id = i.image_id
            union all
            select case when i.state = 'stored' then i.content_id end, 'infinity'::timestamptz) s
        where i.image_id = image
    ), active as (
        select a.model_id, a.at as since, lead(a.at, 1, 'infinity') over (order by a.at, a.seq) as until from cpf.model_activations a
    ), events as (
        -- Positions, not times, order events: a time that lies before that of an earlier event counts as that.
        select e.model_id, e.content_id, e.group_id, e.seq, max(e.at) over (partition by e.model_id, e.content_id order by e.seq) as since
        from cpf.group_events e
        where e.content_id in (select s.content_id from shown s)
    ), grouped as (
        select e.model_id, e.content_id, e.group_id, e.since, lead(e.since, 1, 'infinity') over (partition by e.model_id, e.content_id order by e.seq) as until
        from events e
    )
    select greatest(s.since, a.since, g.since), nullif(least(s.until, a.until, g.until), 'infinity'), g.model_id, g.content_id, g.group_id
    from shown s
    join grouped g on g.content_id = s.content_id
    join active  a on a.model_id = g.model_id
    where g.group_id is not null and greatest(s.since, a.since, g.since) < least(s.until, a.until, g.until)
    order by 1;
end $$;
comment on function cpf.group_history(uuid) is
'The groups an image was in. Columns: from_at (inclusive), to_at (exclusive; null: still): from when to when; model_id: the model active then; content_id: the content '
'it showed then; group_id: the group, by its handle of then. No row covers a time at which the image was in none: not there, not fetched, rejected, retracted, a placeholder, '
'or not matched yet under that model. Events of deleted models and erased contents are gone, and changes of content before migration 5 were not kept. '
'An unknown image is an error.';

drop function cpf.group_at(uuid, timestamptz);
create function cpf.group_at(image uuid, at timestamptz) returns bigint
language plpgsql stable security definer set search_path = cpf, public, pg_temp as $$
begin
    if at is null then raise exception 'at is null: give a time' using errcode = 'null_value_not_allowed'; end if;
    return (select h.group_id from cpf.group_history(image) h where h.from_at <= group_at.at and (h.to_at is null or group_at.at < h.to_at));
end $$;
comment on function cpf.group_at(uuid, timestamptz) is
'The id of the match group that an image was in at a time: of the content it showed then, under the model active then, by the handle of then. Null when it was in none '
'(not there yet, not matched yet, rejected, retracted, a placeholder). A time to come means now. An unknown image is an error. See cpf.group_history.';

create view cpf.group_changes as
select e.seq, e.at, e.model_id, e.kind, e.content_id, e.group_id, e.previous_group_id
from cpf.group_events e;
comment on view   cpf.group_changes is 'Every change of a content''s group, under any model: read it by rising seq to follow the groups.';
comment on column cpf.group_changes.seq               is 'Position, in commit order, with gaps.';
comment on column cpf.group_changes.at                is 'When.';
comment on column cpf.group_changes.model_id          is 'The model under which it happened.';
comment on column cpf.group_changes.kind              is 'joined: the content came in; left: it went; merged, split: its group did; renamed: same companions, other handle.';
comment on column cpf.group_changes.content_id        is 'The content.';
comment on column cpf.group_changes.group_id          is 'Its group afterwards; null when it left.';
comment on column cpf.group_changes.previous_group_id is 'Its group before; null when it joined.';

drop function cpf.why(uuid, uuid);
create function cpf.why(a uuid, b uuid)
returns table (step integer, reason text, explanation text, source_a text, external_id_a text, source_b text, external_id_b text,
               similarity double precision, threshold double precision, matches boolean, verdict text,
               group_a bigint, group_b bigint, same_group boolean, since timestamptz,
               merge_left bigint, merge_right bigint, height double precision, mean_similarity double precision,
               status_a text, status_b text, image_a uuid, image_b uuid, content_a bigint, content_b bigint, model_id bigint)
language plpgsql stable security definer rows 5 set search_path = cpf, public, pg_temp as $$
#variable_conflict use_column
declare
    most constant integer := 3000; -- Members among which a chain is searched, in a few seconds at worst.
    model cpf.models; ia cpf.image_status; ib cpf.image_status; v cpf.verdicts; across cpf.verdicts;
    s double precision; mean double precision; together boolean; component_a bigint; component_b bigint;
    members bigint[]; chain bigint[]; chain_text text; shown uuid[]; by_tree boolean := false; weakest double precision; since_at timestamptz;
    merge_a bigint; merge_b bigint; merge_height double precision;
    code text; said text;
begin
    perform cpf.require_image(a, 'a'), cpf.require_image(b, 'b');
    select m.* into model from cpf.models m where m.model_id = cpf.require_active_model();
    select i.* into ia from cpf.image_status i where i.image_id = a;
    select i.* into ib from cpf.image_status i where i.image_id = b;
    select d.* into v from cpf.verdicts d
    where d.content_a = least(ia.content_id, ib.content_id) and d.content_b = greatest(ia.content_id, ib.content_id);
    select case when ia.content_id = ib.content_id then 1 else cpf.exact_similarity(x.embedding, y.embedding) end into s
    from cpf.embeddings x, cpf.embeddings y
    where x.head_id = model.head_id and x.content_id = ia.content_id and y.head_id = model.head_id and y.content_id = ib.content_id;
    if ia.content_id = ib.content_id then s := 1; end if;
    select g.component_id into component_a from cpf.group_members g where g.model_id = model.model_id and g.content_id = ia.content_id and ia.group_id is not null;
    select g.component_id into component_b from cpf.group_members g where g.model_id = model.model_id and g.content_id = ib.content_id and ib.group_id is not null;
    together := coalesce(ia.group_id = ib.group_id, false);

    if together then
        -- Since when: the begin of the last unbroken run of times at which both were in one group.
        select max(r.since) filter (where r.begins) into since_at
        from (select o.since, o.same and (lag(o.same) over w is not true or lag(o.until) over w <> o.since) as begins
              from (select greatest(x.from_at, y.from_at) as since, least(coalesce(x.to_at, 'infinity'), coalesce(y.to_at, 'infinity')) as until,
                           x.group_id = y.group_id as same
                    from cpf.group_history(a) x
                    join cpf.group_history(b) y on y.model_id = x.model_id) o
              where o.since < o.until
              window w as (order by o.since)) r;
        select t."left", t."right", t.height into merge_a, merge_b, merge_height from cpf.merge_of(model.model_id, ia.content_id, ib.content_id) t;
    elsif component_a = component_b and ia.group_id <> ib.group_id then
        if (select count(*) from (select from cpf.group_members g where g.model_id = model.model_id and g.group_id in (ia.group_id, ib.group_id) limit most + 1) n) <= most then
            mean := cpf.mean_similarity(model.model_id, ia.group_id, ib.group_id);
        end if;
        select d.* into across
        from cpf.group_members x
        join cpf.verdicts      d on d.verdict = 'different' and x.content_id in (d.content_a, d.content_b)
        join cpf.group_members y on y.model_id = x.model_id and y.content_id = case x.content_id when d.content_a then d.content_b else d.content_a end and y.group_id = ib.group_id
        where x.model_id = model.model_id and x.group_id = ia.group_id
        order by d.content_a, d.content_b limit 1;
    end if;

    if component_a = component_b and ia.content_id <> ib.content_id then
        -- A group hangs together by edges of its own members; contents of two groups do so within their component.
        members := array(select g.content_id from cpf.group_members g
                         where g.model_id = model.model_id and case when together then g.group_id = ia.group_id else g.component_id = component_a end limit most + 1);
        if cardinality(members) <= most then
            chain := cpf.shortest_chain(model.model_id, ia.content_id, ib.content_id, members);
        elsif s >= model.threshold and v.verdict is distinct from 'different' or v.verdict = 'same' then
            chain := array[ia.content_id, ib.content_id];
        elsif together then
            chain := cpf.tree_chain(model.model_id, ia.content_id, ib.content_id);
            by_tree := chain is not null;
        end if;
        select min(cpf.exact_similarity(x.embedding, y.embedding)) into weakest
        from generate_series(1, cardinality(chain) - 1) n
        join cpf.embeddings x on x.head_id = model.head_id and x.content_id = chain[n]
        join cpf.embeddings y on y.head_id = model.head_id and y.content_id = chain[n + 1];
    end if;
    chain_text := case
        when by_tree then format('they hang together by merges of clusters in %s steps (over %s members: the direct links were not searched)', cardinality(chain) - 1, most)
        when cardinality(chain) > 1 then format('a chain of %s link(s) joins them, the weakest of similarity %s', cardinality(chain) - 1, weakest)
        when cardinality(members) > most then format('over %s contents hang together here, so that no chain was searched', most)
        else 'no chain was found' end;

    if together and ia.content_id = ib.content_id then
        code := 'exact_copy';
        said := case when a = b then 'This is one image.' else 'Exact copies: both images have the same bytes.' end;
    elsif together and v.verdict = 'same' then
        code := 'same_verdict';
        said := format('%s said at %s that they are the same.', v.who, v.at);
    elsif together and s >= model.threshold and v.verdict is null then
        code := 'similarity';
        said := format('Their similarity %s reaches the threshold %s.', s, model.threshold);
    elsif together then
        code := 'chain';
        said := format('Their similarity %s %s; but %s.', s, case when v.verdict = 'different' then format('does not count: %s said at %s that they are different', v.who, v.at)
                       else format('is below the threshold %s', model.threshold) end, chain_text);
    elsif ia.group_id is null or ib.group_id is null then
        code := case when ia.status in ('received', 'stored', 'embedded') or ib.status in ('received', 'stored', 'embedded') then 'not_matched_yet' else 'not_live' end;
        said := format('Not both are matched: a is %s, b is %s.', ia.status || coalesce(' (' || ia.reject_reason || ')', ''), ib.status || coalesce(' (' || ib.reject_reason || ')', ''));
    elsif v.verdict = 'different' then
        code := 'different_verdict';
        said := format('%s said at %s that they are different.', v.who, v.at);
    elsif component_a <> component_b and (s >= model.threshold or v.verdict = 'same') then
        code := 'unsettled';
        said := format('They belong together (%s), which the next reconcile brings about.',
                       case when v.verdict = 'same' then 'a verdict says so' else format('similarity %s, threshold %s', s, model.threshold) end);
    elsif component_a <> component_b then
        code := 'below_threshold';
        said := format('Their similarity %s is below the threshold %s, and no chain of matching contents joins them.', s, model.threshold);
    elsif exists (select from cpf.group_members g where g.model_id = model.model_id and g.content_id in (ia.content_id, ib.content_id) and g.pending) then
        code := 'pending';
        said := 'They hang together with so many contents that these are regrouped in the background; that is not done yet.';
    elsif across.verdict is not null and (mean is null or mean >= model.threshold) then
        code := 'different_verdict_between_groups';
        said := format('Similarity %s; %s. But %s said at %s of contents %s and %s, one in either group, that they are different.',
                       s, chain_text, across.who, across.at, across.content_a, across.content_b);
    elsif mean < model.threshold then
        code := 'average_linkage';
        said := format('Similarity %s; %s. But the mean similarity of their two groups, %s, is below the threshold %s.', s, chain_text, mean, model.threshold);
    elsif mean is null then
        code := 'average_linkage';
        said := format('Similarity %s; %s. Their two groups are kept apart because their mean similarity is below the threshold %s (not computed here: over %s contents).',
                       s, chain_text, model.threshold, most);
    else
        code := 'unsettled';
        said := 'They belong together, which the next reconcile brings about.';
    end if;
    if merge_b is not null then
        said := said || format(' Their clusters %s and %s merged at mean similarity %s.', merge_a, merge_b, merge_height);
    end if;

    return query
    select 0, code, said, ia.source, ia.external_id, ib.source, ib.external_id,
           s, model.threshold, s >= model.threshold or ia.content_id is not distinct from ib.content_id and ia.content_id is not null, v.verdict,
           ia.group_id, ib.group_id, together, since_at,
           merge_a, merge_b, merge_height, mean,
           ia.status, ib.status, a, b, ia.content_id, ib.content_id, model.model_id;
    if coalesce(cardinality(chain), 0) < 2 then return; end if;
    -- The ends are the images asked about; the others are the first live images of their contents.
    shown := array(select case n when 1 then a when cardinality(chain) then b else cpf.content_image(chain[n]) end
                      from generate_series(1, cardinality(chain)) n order by n);
    return query
    select n, k.kind,
           case k.kind when 'verdict' then format('%s said at %s that they are the same.', d.who, d.at)
                       when 'merge' then format('Clusters %s and %s merged at mean similarity %s.', t."left", t."right", t.height)
                       else format('Similarity %s reaches the threshold %s.', e.s, model.threshold) end,
           x.source, x.external_id, y.source, y.external_id,
           e.s, model.threshold, e.s >= model.threshold, d.verdict, gx.group_id, gy.group_id, gx.group_id = gy.group_id, null::timestamptz,
           t."left", t."right", t.height, null::double precision, null::text, null::text,
           x.image_id, y.image_id, chain[n], chain[n + 1], model.model_id
    from generate_series(1, cardinality(chain) - 1) n
    join cpf.embeddings    p  on p.head_id = model.head_id and p.content_id = chain[n]
    join cpf.embeddings    q  on q.head_id = model.head_id and q.content_id = chain[n + 1]
    join cpf.group_members gx on gx.model_id = model.model_id and gx.content_id = chain[n]
    join cpf.group_members gy on gy.model_id = model.model_id and gy.content_id = chain[n + 1]
    cross join lateral (select cpf.exact_similarity(p.embedding, q.embedding) as s) e
    left join cpf.images   x  on x.image_id = shown[n]
    left join cpf.images   y  on y.image_id = shown[n + 1]
    left join cpf.verdicts d  on d.content_a = least(chain[n], chain[n + 1]) and d.content_b = greatest(chain[n], chain[n + 1])
    cross join lateral (select case when d.verdict = 'same' then 'verdict' when by_tree then 'merge' else 'similarity' end as kind) k
    left join lateral cpf.merge_of(model.model_id, chain[n], chain[n + 1]) t on gx.group_id = gy.group_id
    order by n;
end $$;
comment on function cpf.why(uuid, uuid) is
'Why two images are, or are not, in one match group now. Row 0 is about the pair, rows 1 to n are the links of a chain from a''s content to b''s. Columns: '
'step; '
'reason: of row 0, together: exact_copy, same_verdict, similarity, chain; apart: not_matched_yet, not_live, different_verdict, below_threshold, average_linkage (a chain joins them, '
'but their groups are too unlike on the whole), different_verdict_between_groups, pending, unsettled (reconcile is to come); of links: similarity, verdict, or merge (of clusters, in groups '
'of over 3,000 contents, where no shorter chain is searched); '
'explanation: the same in words; '
'source_a, external_id_a, source_b, external_id_b: the two images, for contents within a chain the first live image that shows them; '
'similarity: exact, 1 for exact copies, null without an embedding; threshold: of the active model; matches: whether it is reached; verdict: same, different or null; '
'group_a, group_b, same_group; since: when the two came into one group and have been in one without a break, whichever model was active; '
'merge_left, merge_right, height: the merge of clusters by which they did, and its mean similarity; mean_similarity: of their two groups, when a chain joins them but they are apart; '
'status_a, status_b: as in cpf.image_status; image_a, image_b, content_a, content_b; model_id: the active model. '
'The chain is a shortest one, of these the one with the strongest weakest link. Unknown images, and that no model is active, are errors.';

drop function cpf.what_if(double precision);
create function cpf.what_if_members(threshold double precision)
returns table (content_id bigint, group_id bigint, present_group_id bigint, pending boolean)
language plpgsql stable security definer set search_path = cpf, public, pg_temp as $$
#variable_conflict use_column
declare model bigint := cpf.require_active_model(); tau double precision; always bigint[];
begin
    select m.threshold into tau from cpf.models m where m.model_id = model;
    if what_if_members.threshold is null or what_if_members.threshold > 1 then
        raise exception 'a threshold is a similarity up to 1, not %', coalesce(what_if_members.threshold::text, 'null') using errcode = 'invalid_parameter_value';
    end if;
    if what_if_members.threshold < tau then
        raise exception 'threshold % is below %, that of the active model %: how clusters merge is stored down to there only', what_if_members.threshold, tau, model
            using errcode = 'invalid_parameter_value',
                  hint = 'Groups at a lower threshold are computed by the Matcher, when a model with that threshold becomes active. '
                         '"infra/cpf train" fits a head and measures its threshold on labelled pictures; "infra/cpf evaluate" measures a model.';
    end if;
    -- Linkage is monotone, so the merges down to a height are those that a model with that threshold makes, and each cluster name is merged away once.
    -- Closures of `same` verdicts hold at any threshold. Pending contents wait for their tree: they stay where they are.
    always := cpf.verdict_merges(model);
    return query
    with recursive cut as (
        select g.content_id, g.content_id as cluster
        from cpf.group_members g
        where g.model_id = model and not g.pending and not exists (
            select from cpf.group_merges t where t.model_id = model and t."right" = g.content_id and (t.height >= what_if_members.threshold or t."right" = any(always)))
        union all
        select t."right", c.cluster
        from cut c
        join cpf.group_merges t on t.model_id = model and t."left" = c.content_id and (t.height >= what_if_members.threshold or t."right" = any(always))
    )
    select c.content_id, c.cluster, g.group_id, false
    from cut c
    join cpf.group_members g on g.model_id = model and g.content_id = c.content_id and not g.pending
    union all
    select g.content_id, g.group_id, g.group_id, true from cpf.group_members g where g.model_id = model and g.pending;
end $$;
comment on function cpf.what_if_members(double precision) is
'The group of every matched content if the threshold were this, at or above that of the active model (below it is an error): a cut of the stored merges, exact where nothing is pending. '
'Columns: content_id; group_id: its group then, the smallest content id in it; present_group_id: its group now; pending: its component waits to be regrouped, so that '
'its present group is given. Contents that `same` verdicts link stay together at any threshold. A mean similarity that was rounded to exactly this threshold counts as reaching it.';

create function cpf.what_if(threshold double precision)
returns table (groups bigint, contents_in_groups bigint, largest bigint, pending bigint)
language sql stable security definer rows 1 set search_path = cpf, public, pg_temp as $$
    with sizes as (select count(*) as size, count(*) filter (where m.pending) as pending from cpf.what_if_members(what_if.threshold) m group by m.group_id)
    select count(*) filter (where size >= 2), coalesce(sum(size) filter (where size >= 2), 0)::bigint, coalesce(max(size) filter (where size >= 2), 0),
           coalesce(sum(sizes.pending), 0)::bigint
    from sizes
$$;
comment on function cpf.what_if(double precision) is
'How groups would be if the threshold were this, at or above that of the active model (below it is an error). Columns: groups: of two contents or more; contents_in_groups: in these; '
'largest: contents in the largest, 0 when there is none; pending: contents that wait to be regrouped and are counted as they are now. See cpf.what_if_members.';

drop function cpf.similar_images(uuid, integer);
create function cpf.similar_images(image uuid, k integer default 10)
returns table (image_id uuid, source text, external_id text, similarity double precision, matches boolean)
language plpgsql stable security definer rows 10 set search_path = cpf, public, pg_temp as $$
#variable_conflict use_column
declare
    model bigint := cpf.require_active_model(); head bigint; dim integer; tau double precision; error double precision; own bigint; query halfvec;
    ef text; scan text; asked integer; fetched integer; images integer; last double precision; worst double precision; ids bigint[]; found double precision[];
begin
    perform cpf.require_image(image, 'image');
    if k is null or k < 1 or k > 1000 then
        raise exception 'k must be 1 to 1000, not %', coalesce(k::text, 'null') using errcode = 'invalid_parameter_value';
    end if;
    select m.head_id, h.embedding_dim, m.threshold, cpf.similarity_error(h.embedding_dim) into head, dim, tau, error
    from cpf.models m join cpf.heads h using (head_id) where m.model_id = model;
    select i.content_id, e.embedding into own, query
    from cpf.images i join cpf.embeddings e on e.head_id = head and e.content_id = i.content_id where i.image_id = image;
    if query is null then return; end if;

    -- By default the index stops at 40 candidates. The settings are the caller's again afterwards; there are none before pgvector is loaded.
    perform vector_dims(query);
    select current_setting('hnsw.ef_search'), current_setting('hnsw.iterative_scan') into ef, scan;
    asked := 2 * k + 64;
    loop
        perform set_config('hnsw.ef_search', least(1000, asked)::text, true), set_config('hnsw.iterative_scan', 'strict_order', true);
        -- The nearest by pgvector's inner product, whoever shows them; then what of these is matched, by the exact similarity.
        execute format(
            'with near as materialized (
                 select e.content_id, -((e.embedding::halfvec(%1$s)) <#> $1::halfvec(%1$s)) as approximate, e.embedding
                 from cpf.embeddings e where e.head_id = %2$s order by (e.embedding::halfvec(%1$s)) <#> $1::halfvec(%1$s) limit $2
             ), live as (
                 select n.content_id, case when n.content_id = $3 then 1 else cpf.exact_similarity(n.embedding, $1) end as similarity,
                        (select count(*) from (select from cpf.images i where i.content_id = n.content_id and i.state = ''stored'' and i.image_id <> $4 limit $5) c) as images
                 from near n
                 where exists (select from cpf.group_members g where g.model_id = $6 and g.content_id = n.content_id)
             ), ranked as (
                 select l.*, sum(l.images) over (order by l.content_id <> $3, l.similarity desc, l.content_id) - l.images as before from live l where l.images > 0
             )
             select (select count(*) from near), (select min(approximate) from near), coalesce(sum(r.images), 0),
                    min(r.similarity) filter (where r.before < $5),
                    array_agg(r.content_id), array_agg(r.similarity)
             from ranked r', dim, head)
        into fetched, last, images, worst, ids, found
        using query, asked, own, image, k, model;
        -- What was not fetched is at most the last one, up to the error: it cannot be among the k nearest.
        exit when fetched < asked or (images >= k and last + error < worst);
        -- An index does not promise the nearest anyway: many equal ones need not be looked through to the end.
        exit when images >= k and asked >= 8 * k + 1024 and cpf.has_embedding_index(head);
        asked := 2 * asked;
    end loop;
    perform set_config('hnsw.ef_search', ef, true), set_config('hnsw.iterative_scan', scan, true);
    return query
    select i.image_id, i.source, i.external_id, n.similarity, n.similarity >= tau or n.id = own
    from unnest(ids, found) as n(id, similarity)
    join cpf.images i on i.content_id = n.id and i.state = 'stored'
    where i.image_id <> image
    order by n.id <> own, n.similarity desc, i.source, i.external_id
    limit k;
end $$;
comment on function cpf.similar_images(uuid, integer) is
'The k (1 to 1000) matched images most similar to an image under the active model. Columns: image_id, source, external_id; similarity: exact, 1 for exact copies, which come first; '
'matches: whether it reaches the threshold. Exact without a vector index; where there is one, images that it misses are missing. An image without an embedding (not embedded '
'yet, rejected) has no row; an unknown image is an error.';

-- Section: views of before, with the active model looked up once a query instead of once a row ---------------------------------------
create or replace view cpf.match_group_members as
select group_id, model_id, source, external_id, product_key, key_scope, sha256, content_id, image_id, uri
from (
    select g.group_id, g.model_id, i.source, i.external_id, i.product_key, i.key_scope, encode(c.sha256, 'hex') as sha256,
           g.content_id, i.image_id, i.uri, count(*) over (partition by g.group_id) as images
    from cpf.group_members g
    join cpf.images   i on i.content_id = g.content_id and i.state = 'stored'
    join cpf.contents c on c.content_id = g.content_id
    where g.model_id = (select m.model_id from cpf.models m where m.state = 'active')
) as members
where images >= 2;

create or replace view cpf.match_pairs as
select a.source as source_a, a.external_id as external_id_a, b.source as source_b, b.external_id as external_id_b,
       p.content_a, p.content_b, p.similarity, p.similarity >= m.threshold as matches,
       m.threshold, v.verdict, ga.group_id as group_a, gb.group_id as group_b, a.image_id as image_a, b.image_id as image_b
from cpf.models m
join cpf.matches p on p.head_id = m.head_id
join cpf.images  a on a.content_id = p.content_a and a.state = 'stored'
join cpf.images  b on b.content_id = p.content_b and b.state = 'stored'
left join cpf.verdicts      v  on v.content_a = p.content_a and v.content_b = p.content_b
left join cpf.group_members ga on ga.model_id = m.model_id and ga.content_id = p.content_a
left join cpf.group_members gb on gb.model_id = m.model_id and gb.content_id = p.content_b
where m.state = 'active';
comment on column cpf.match_pairs.similarity is 'Similarity of the two contents, exact.';
comment on column cpf.match_pairs.threshold  is 'The threshold of the active model.';
comment on column cpf.match_pairs.verdict    is 'A person''s word on the two contents, same or different, if any.';
comment on column cpf.match_pairs.group_a    is 'Match group of the one image, null when it is not matched.';
comment on column cpf.match_pairs.group_b    is 'Match group of the other image, null when it is not matched.';
comment on column cpf.match_pairs.image_a    is 'The one image.';
comment on column cpf.match_pairs.image_b    is 'The other image.';

-- Section: rights -------------------------------------------------------------------------------------------------------------
revoke execute on all functions in schema cpf from public;
grant execute on all functions in schema cpf to cpf_service;
grant select, insert, update, delete on cpf.image_contents, cpf.model_activations to cpf_service;
grant usage, select on sequence cpf.model_activations_seq_seq to cpf_service;
grant select on cpf.group_changes to cpf_service, cpf_reader;
grant execute on function cpf.why(uuid, uuid), cpf.similar_images(uuid, integer), cpf.group_at(uuid, timestamptz), cpf.group_history(uuid),
    cpf.what_if(double precision), cpf.what_if_members(double precision) to cpf_reader;
