-- The word of one source takes nothing of another away: what it may say, it says of what it shows.

-- Section: placeholders of sources --------------------------------------------------------------------------------------------
-- A source that shows a content under many products of its own shows it as a placeholder. That takes its own images out of the groups. The
-- content itself is a placeholder when every source that shows it does so, or when global keys say so.
create table cpf.source_placeholders (
    content_id bigint      not null references cpf.contents (content_id) on delete cascade,
    source     text        not null,
    since      timestamptz not null default now(),
    until      timestamptz,
    primary key (content_id, source, since),
    check (until > since)
);
create unique index source_placeholders_now on cpf.source_placeholders (content_id, source) where until is null;
comment on table  cpf.source_placeholders is 'Contents that a source shows as a placeholder: its images of them are in no group. The Matcher writes them with the groups.';
comment on column cpf.source_placeholders.content_id is 'The content.';
comment on column cpf.source_placeholders.source     is 'The source.';
comment on column cpf.source_placeholders.since      is 'From when on.';
comment on column cpf.source_placeholders.until      is 'Until when; null: still.';
grant select, insert, update, delete on cpf.source_placeholders to cpf_service;

-- The sources of a content, from one to the next.
drop index cpf.images_content;
create index images_content on cpf.images (content_id, source) where state = 'stored';

insert into cpf.source_placeholders (content_id, source)
select i.content_id, i.source
from cpf.images i
where i.state = 'stored' and i.product_key is not null and i.key_scope = 'source'
  and not exists (select from cpf.placeholder_overrides o where o.content_id = i.content_id and not o.is_placeholder)
group by i.content_id, i.source
having count(distinct i.product_key) >= (select p.min_product_keys from cpf.placeholder_policy p);

create function cpf.has_many_keys(content bigint, scope text, seller text) returns boolean
language plpgsql stable parallel safe security definer set search_path = cpf, public, pg_temp as $$
declare needed integer; product text := '';
begin
    select p.min_product_keys into needed from cpf.placeholder_policy p;
    for found_keys in 1..needed loop
        select i.product_key into product
        from cpf.images i
        where i.content_id = content and i.state = 'stored' and i.product_key is not null
          and i.key_scope = scope and case i.key_scope when 'global' then '' else i.source end = seller and i.product_key > product
        order by i.product_key
        limit 1;
        if not found then return false; end if;
    end loop;
    return true;
end $$;
comment on function cpf.has_many_keys(bigint, text, text) is 'Whether the content is shown under as many product keys as the policy asks for: global ones (source: the empty text), or a source''s own. Steps from key to key.';

create or replace function cpf.is_placeholder(content bigint) returns boolean
language plpgsql stable parallel safe security definer set search_path = cpf, public, pg_temp as $$
declare word boolean; seller text := ''; is_shown boolean := false;
begin
    select o.is_placeholder into word from cpf.placeholder_overrides o where o.content_id = content;
    if word is not null then return word; end if;
    if exists (select from cpf.contents c where c.content_id = content and c.blank) then return true; end if;
    if cpf.has_many_keys(content, 'global', '') then return true; end if;
    loop
        select i.source into seller
        from cpf.images i
        where i.content_id = content and i.state = 'stored' and i.source > seller
        order by i.source
        limit 1;
        if not found then return is_shown; end if;
        if not cpf.has_many_keys(content, 'source', seller) then return false; end if; -- Of most contents the first source settles it.
        is_shown := true;
    end loop;
end $$;
comment on function cpf.is_placeholder(bigint) is
'Whether the content is a placeholder now: a person''s word, else whether it is blank, else whether global product keys, or of every source that shows it its own, reach the policy''s number.';
comment on view cpf.placeholders is
'Contents kept out of matching because many different products use them or they are blank, and the overrides. What single sources show as placeholders is in cpf.placeholders_by_source.';

create view cpf.placeholders_by_source as
select p.content_id, p.source, p.since, p.until,
       (select count(distinct i.product_key) from cpf.images i
        where i.content_id = p.content_id and i.state = 'stored' and i.source = p.source and i.key_scope = 'source') as product_keys,
       (select count(*) from cpf.images i where i.content_id = p.content_id and i.state = 'stored' and i.source = p.source) as images,
       p.content_id::text as content_id_text
from cpf.source_placeholders p;
comment on view   cpf.placeholders_by_source is 'Contents that a source shows under many products of its own. Its images of them are in no group; those of other sources are where they were.';
comment on column cpf.placeholders_by_source.content_id      is 'The content.';
comment on column cpf.placeholders_by_source.source          is 'The source.';
comment on column cpf.placeholders_by_source.since           is 'From when on.';
comment on column cpf.placeholders_by_source.until           is 'Until when; null: still.';
comment on column cpf.placeholders_by_source.product_keys    is 'Product keys of the source''s own under which it shows the content now.';
comment on column cpf.placeholders_by_source.images          is 'Live images of the source that show it now.';
comment on column cpf.placeholders_by_source.content_id_text is 'content_id as text, for programs that lose digits of large numbers.';
grant select on cpf.placeholders_by_source to cpf_service, cpf_reader;

-- Section: readers see an image in no group while its source shows its content as a placeholder ----------------------------------
create or replace view cpf.match_group_members as
select g.group_id, g.model_id, i.source, i.external_id, i.product_key, i.key_scope, encode(c.sha256, 'hex') as sha256,
       g.content_id, i.image_id, i.uri,
       c.width, c.height, c.byte_length as bytes, c.format, c.created_at as first_seen_at, i.submitted_at, i.updated_at,
       (select e.at from cpf.group_events e where e.content_id = g.content_id and e.kind <> 'renamed' order by e.seq desc limit 1) as grouped_at,
       coalesce((select r.medoid from cpf.groups r where r.model_id = g.model_id and r.group_id = g.group_id), g.group_id) as medoid,
       -- Kept pairs are exact too, and read faster than computed.
       case when g.content_id = coalesce(
                (select r.medoid from cpf.groups r where r.model_id = g.model_id and r.group_id = g.group_id), g.group_id)
            then 1::double precision
            else coalesce(
                (select p.similarity
                 from cpf.groups r
                 join cpf.matches p on p.head_id = (select m.head_id from cpf.models m where m.state = 'active')
                                   and p.content_a = least(g.content_id, r.medoid) and p.content_b = greatest(g.content_id, r.medoid)
                 where r.model_id = g.model_id and r.group_id = g.group_id),
                (select sum(t.x::double precision * t.y::double precision)
                 from cpf.groups r
                 join cpf.embeddings a on a.head_id = (select m.head_id from cpf.models m where m.state = 'active')
                                      and a.content_id = g.content_id
                 join cpf.embeddings b on b.head_id = a.head_id and b.content_id = r.medoid
                 cross join lateral unnest(a.embedding::real[], b.embedding::real[]) as t(x, y)
                 where r.model_id = g.model_id and r.group_id = g.group_id)) end as medoid_similarity,
       g.group_id::text as group_id_text, g.content_id::text as content_id_text,
       coalesce((select r.medoid from cpf.groups r where r.model_id = g.model_id and r.group_id = g.group_id), g.group_id)::text as medoid_text
from cpf.images i
join cpf.group_members g on g.content_id = i.content_id
join cpf.contents      c on c.content_id = i.content_id
cross join lateral (
    select from cpf.group_members og
    join cpf.images oi on oi.content_id = og.content_id and oi.state = 'stored'
         and not exists (select from cpf.source_placeholders p where p.content_id = oi.content_id and p.source = oi.source and p.until is null)
    where og.model_id = g.model_id and og.group_id = g.group_id and oi.image_id <> i.image_id
    limit 1) companion
where g.model_id = (select m.model_id from cpf.models m where m.state = 'active') and i.state = 'stored'
  and not exists (select from cpf.source_placeholders p where p.content_id = i.content_id and p.source = i.source and p.until is null);

create or replace view cpf.match_groups as
select n.group_id, n.model_id, a.images, a.contents, a.sources, a.product_keys, coalesce(r.min_pair_similarity, 1) as min_pair_similarity,
       coalesce(r.medoid, n.group_id) as medoid, coalesce(r.weakest_merge, 1) as weakest_merge,
       a.global_keys, a.key_conflict, a.first_seen_at, a.updated_at, n.group_id::text as group_id_text,
       coalesce(r.medoid, n.group_id)::text as medoid_text
from cpf.group_members n
left join cpf.groups r on r.model_id = n.model_id and r.group_id = n.group_id
cross join lateral (
    select count(*) as images, count(distinct i.content_id) as contents, count(distinct i.source) as sources,
           count(distinct i.product_key) as product_keys,
           count(distinct i.product_key) filter (where i.key_scope = 'global') as global_keys,
           count(distinct i.product_key) filter (where i.key_scope = 'global') > 1
               or count(distinct (i.source, i.product_key)) filter (where i.key_scope = 'source' and i.product_key is not null)
                > count(distinct i.source) filter (where i.key_scope = 'source' and i.product_key is not null) as key_conflict,
           min(i.submitted_at) as first_seen_at, max(i.updated_at) as updated_at
    from cpf.group_members g
    join cpf.images i on i.content_id = g.content_id and i.state = 'stored'
         and not exists (select from cpf.source_placeholders p where p.content_id = i.content_id and p.source = i.source and p.until is null)
    where g.model_id = n.model_id and g.group_id = n.group_id
    having count(*) >= 2) a
where n.model_id = (select m.model_id from cpf.models m where m.state = 'active') and n.content_id = n.group_id;

create or replace view cpf.match_pairs as
select a.source as source_a, a.external_id as external_id_a, b.source as source_b, b.external_id as external_id_b,
       p.content_a, p.content_b, p.similarity, p.similarity >= (select m.threshold from cpf.models m where m.state = 'active') as matches,
       (select m.threshold from cpf.models m where m.state = 'active') as threshold, v.verdict, ga.group_id as group_a, gb.group_id as group_b,
       a.image_id as image_a, b.image_id as image_b,
       a.uri as uri_a, b.uri as uri_b, a.product_key as product_key_a, b.product_key as product_key_b,
       p.content_a::text as content_a_text, p.content_b::text as content_b_text, ga.group_id::text as group_a_text, gb.group_id::text as group_b_text
from cpf.matches p
join cpf.images  a on a.content_id = p.content_a and a.state = 'stored'
join cpf.images  b on b.content_id = p.content_b and b.state = 'stored'
left join cpf.verdicts      v  on v.content_a = p.content_a and v.content_b = p.content_b
left join cpf.group_members ga on ga.model_id = (select m.model_id from cpf.models m where m.state = 'active') and ga.content_id = p.content_a
left join cpf.group_members gb on gb.model_id = (select m.model_id from cpf.models m where m.state = 'active') and gb.content_id = p.content_b
where p.head_id = (select m.head_id from cpf.models m where m.state = 'active')
  and not exists (select from cpf.source_placeholders s where s.content_id = a.content_id and s.source = a.source and s.until is null)
  and not exists (select from cpf.source_placeholders s where s.content_id = b.content_id and s.source = b.source and s.until is null);

create or replace view cpf.image_status as
select i.image_id, i.source, i.external_id, i.state,
       case when i.state <> 'stored'                 then i.state
            when g.pending                           then 'pending'
            when g.content_id is not null            then 'matched'
            when (select true from cpf.source_placeholders p where p.content_id = i.content_id and p.source = i.source and p.until is null)
                                                     then 'placeholder'
            when (select e.is_placeholder from cpf.placeholder_events e where e.content_id = i.content_id order by e.seq desc limit 1)
              or cpf.is_placeholder(i.content_id)    then 'placeholder'
            when (select true from cpf.embeddings e
                  where e.head_id = (select m.head_id from cpf.models m where m.state = 'active') and e.content_id = i.content_id limit 1)
                                                     then 'embedded'
            else 'stored' end as status,
       i.reject_reason, i.reject_detail, i.product_key, i.key_scope, i.content_id, g.group_id, coalesce(g.reconciled, false) as reconciled,
       nullif(i.revision, -9223372036854775808) as revision, i.submitted_at, i.updated_at,
       i.failed_revision, i.failed_reason, i.failed_detail, i.failed_at,
       coalesce((select true from cpf.image_updates u where u.image_id = i.image_id), false) as update_waits,
       i.uri, encode(c.sha256, 'hex') as sha256, c.width, c.height, c.byte_length as bytes, c.format, c.created_at as first_seen_at,
       case when g.content_id is not null then (
           select e.at from cpf.group_events e where e.content_id = g.content_id and e.kind <> 'renamed' order by e.seq desc limit 1) end as grouped_at,
       coalesce((
           select true from cpf.group_members og
           join cpf.images oi on oi.content_id = og.content_id and oi.state = 'stored'
            and not exists (select from cpf.source_placeholders p where p.content_id = oi.content_id and p.source = oi.source and p.until is null)
           where og.model_id = g.model_id and og.group_id = g.group_id and oi.image_id <> i.image_id
           limit 1), false) as in_group,
       i.content_id::text as content_id_text, g.group_id::text as group_id_text
from cpf.images i
left join cpf.contents c on c.content_id = i.content_id
left join cpf.group_members g on g.model_id = (select m.model_id from cpf.models m where m.state = 'active')
                             and g.content_id = i.content_id and i.state = 'stored'
                             and not exists (select from cpf.source_placeholders p where p.content_id = i.content_id and p.source = i.source and p.until is null);

create or replace function cpf.group_history(image uuid)
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
    ), active as materialized (
        -- An epoch begins with a model whose contents joined anew, and goes on over all that took over since.
        select a.model_id, a.takes_over, a.at as since, lead(a.at, 1, 'infinity') over (order by a.at, a.seq) as until,
               count(*) filter (where not a.takes_over) over (order by a.at, a.seq) as epoch
        from cpf.model_activations a
    ), events as (
        -- Positions, not times, order events: a time that lies before that of an earlier event counts as that.
        select p.epoch, e.content_id, e.group_id, e.seq, max(e.at) over (partition by p.epoch, e.content_id order by e.seq) as since
        from cpf.group_events e
        join (select distinct epoch from active) p on exists (
            select from active a where a.epoch = p.epoch and a.model_id = e.model_id and (not a.takes_over or e.at >= a.since))
        where e.content_id in (select s.content_id from shown s)
    ), grouped as (
        select e.epoch, e.content_id, e.group_id, e.since, lead(e.since, 1, 'infinity') over (partition by e.epoch, e.content_id order by e.seq) as until
        from events e
    ), whole as (
        select tstzrange(greatest(s.since, a.since, g.since), least(s.until, a.until, g.until)) as at, a.model_id, g.content_id, g.group_id
        from shown s
        join grouped g on g.content_id = s.content_id
        join active  a on a.epoch = g.epoch
        where g.group_id is not null and greatest(s.since, a.since, g.since) < least(s.until, a.until, g.until)
    )
    -- While its source showed the content as a placeholder, the image was in no group, though the content was.
    select lower(r.at), nullif(upper(r.at), 'infinity'), w.model_id, w.content_id, w.group_id
    from whole w
    cross join lateral unnest(tstzmultirange(w.at) - coalesce(
        (select range_agg(tstzrange(p.since, coalesce(p.until, 'infinity')))
         from cpf.source_placeholders p join cpf.images i on i.image_id = image and p.source = i.source
         where p.content_id = w.content_id), '{}'::tstzmultirange)) as r(at)
    order by 1;
end $$;

create or replace function cpf.similar_images(image uuid, k integer default 10)
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
                        (select count(*) from (select from cpf.images i where i.content_id = n.content_id and i.state = ''stored'' and i.image_id <> $4
                                and not exists (select from cpf.source_placeholders p where p.content_id = i.content_id and p.source = i.source and p.until is null) limit $5) c) as images
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
    where i.image_id <> image and not exists (select from cpf.source_placeholders p where p.content_id = i.content_id and p.source = i.source and p.until is null)
    order by n.id <> own, n.similarity desc, i.source, i.external_id
    limit k;
end $$;

create or replace function cpf.content_image(content bigint) returns uuid
language sql stable set search_path = cpf, public, pg_temp as $$
    select i.image_id from cpf.images i where i.content_id = content and i.state = 'stored'
    order by exists (select from cpf.source_placeholders p where p.content_id = i.content_id and p.source = i.source and p.until is null),
             i.source, i.external_id
    limit 1
$$;

-- A function that is put anew loses its settings.
alter function cpf.group_history(uuid)           set work_mem = '64MB';
alter function cpf.similar_images(uuid, integer) set work_mem = '64MB';

-- Section: what a key may say and have read ----------------------------------------------------------------------------------
-- Keys of before keep what they could do.
alter table cpf.api_keys add column global_keys boolean not null default true;
comment on column cpf.api_keys.global_keys is 'Whether it may say global product keys, which count for all sources.';
alter table cpf.feeds
    add column global_keys boolean not null default true,
    add column reads_files boolean not null default true;
comment on column cpf.feeds.global_keys is 'Whether its rows may say global product keys; otherwise these count as its source''s own.';
comment on column cpf.feeds.reads_files is 'Whether its rows may name files and objects of buckets.';

-- Section: schedules belong to a source and to who made them --------------------------------------------------------------------
alter table cpf.feed_schedules
    drop constraint feed_schedules_pkey,
    add primary key (source, name),
    add column global_keys boolean not null default true,
    add column reads_files boolean not null default true,
    add column key_id text;
create index feed_schedules_name on cpf.feed_schedules (name);
comment on column cpf.feed_schedules.name        is 'Handle, within its source.';
comment on column cpf.feed_schedules.global_keys is 'As of its feeds.';
comment on column cpf.feed_schedules.reads_files is 'As of its feeds.';
comment on column cpf.feed_schedules.key_id      is 'The key that put it last: a revoked or expired one runs no more. Null: a person, or a key of before this column.';

-- Section: sessions of browsers ------------------------------------------------------------------------------------------------
create table cpf.browser_sessions (
    session_sha256 bytea       primary key check (octet_length(session_sha256) = 32),
    subject        text        not null,
    name           text        not null,
    started_at     timestamptz not null default now(),
    expires_at     timestamptz not null
);
comment on table  cpf.browser_sessions is 'Browsers that are signed in. Without its row a cookie opens nothing.';
comment on column cpf.browser_sessions.session_sha256 is 'SHA-256 of what the cookie holds.';
comment on column cpf.browser_sessions.subject        is 'Whose it is: key:ID or token:SUBJECT.';
comment on column cpf.browser_sessions.name           is 'Name of the key or person.';
comment on column cpf.browser_sessions.started_at     is 'When it signed in.';
comment on column cpf.browser_sessions.expires_at     is 'Until when it stays signed in.';
create index browser_sessions_subject on cpf.browser_sessions (subject);
create index browser_sessions_expires on cpf.browser_sessions (expires_at);
grant select, insert, delete on cpf.browser_sessions to cpf_service;

-- Section: rights -------------------------------------------------------------------------------------------------------------
revoke execute on function cpf.has_many_keys(bigint, text, text) from public;
grant execute on function cpf.has_many_keys(bigint, text, text) to cpf_service;
