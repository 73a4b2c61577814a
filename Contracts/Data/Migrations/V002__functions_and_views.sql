-- Partitions are made and dropped here, by the schema's owner, so that the service role need not own anything.
create function cpf.create_feature_partition(backbone bigint) returns void
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
declare part text := 'features_b' || backbone; dim integer;
begin
    select feature_dim into strict dim from cpf.backbones where backbone_id = backbone;
    perform pg_advisory_xact_lock(hashtextextended('cpf.partition.' || part, 0));
    if to_regclass('cpf.' || part) is not null then return; end if;
    execute format('create table cpf.%I (like cpf.features including defaults including constraints,
                    check (backbone_id = %s), check (vector_dims(feature) = %s))', part, backbone, dim);
    execute format('alter table cpf.%I alter column feature set storage external', part);
    execute format('alter table cpf.features attach partition cpf.%I for values in (%s)', part, backbone);
end $$;
comment on function cpf.create_feature_partition(bigint) is 'Makes the partition of features of a registered backbone; does nothing when it exists.';

create function cpf.create_embedding_partition(head bigint) returns void
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
declare part text := 'embeddings_h' || head; dim integer;
begin
    select embedding_dim into strict dim from cpf.heads where head_id = head;
    perform pg_advisory_xact_lock(hashtextextended('cpf.partition.' || part, 0));
    if to_regclass('cpf.' || part) is not null then return; end if;
    execute format('create table cpf.%I (like cpf.embeddings including defaults including constraints,
                    check (head_id = %s), check (vector_dims(embedding) = %s))', part, head, dim);
    execute format('alter table cpf.%I alter column embedding set storage main', part);
    execute format('alter table cpf.embeddings attach partition cpf.%I for values in (%s)', part, head);
end $$;
comment on function cpf.create_embedding_partition(bigint) is 'Makes the partition of embeddings of a registered head, without a vector index; does nothing when it exists.';

create function cpf.create_embedding_index(head bigint) returns boolean
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
declare part text := 'embeddings_h' || head; dim integer;
begin
    select embedding_dim into strict dim from cpf.heads where head_id = head;
    perform pg_advisory_xact_lock(hashtextextended('cpf.partition.' || part, 0));
    if to_regclass('cpf.' || part || '_hnsw') is not null then return false; end if;
    execute format('create index %I on cpf.%I using hnsw ((embedding::halfvec(%s)) halfvec_ip_ops)', part || '_hnsw', part, dim);
    return true;
end $$;
comment on function cpf.create_embedding_index(bigint) is 'Builds the HNSW index of a head''s embeddings (writers of that head wait meanwhile); false when it exists.';

create function cpf.drop_feature_partition(backbone bigint) returns void
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
begin
    if exists (select from cpf.models m join cpf.heads h using (head_id)
               where h.backbone_id = backbone and m.state in ('active', 'shadow')) then
        raise exception 'backbone % is used by an active or shadow model', backbone;
    end if;
    execute format('drop table if exists cpf.%I', 'features_b' || backbone);
end $$;
comment on function cpf.drop_feature_partition(bigint) is 'Drops the features of a backbone that no active or shadow model uses.';

create function cpf.drop_embedding_partition(head bigint) returns void
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
begin
    if exists (select from cpf.models where head_id = head and state in ('active', 'shadow')) then
        raise exception 'head % is used by an active or shadow model', head;
    end if;
    execute format('drop table if exists cpf.%I', 'embeddings_h' || head);
end $$;
comment on function cpf.drop_embedding_partition(bigint) is 'Drops the embeddings of a head that no active or shadow model uses.';

create function cpf.has_embedding_index(head bigint) returns boolean language sql stable as $$
    select to_regclass('cpf.embeddings_h' || head || '_hnsw') is not null
$$;
comment on function cpf.has_embedding_index(bigint) is 'Whether the head''s embeddings have their HNSW index.';

-- Placeholder: the largest set of surely different products that show the content.
create function cpf.product_key_count(content bigint) returns integer language sql stable
security definer set search_path = cpf, public, pg_temp as $$
    select coalesce(max(n), 0)::integer from (
        select count(distinct product_key) as n
        from cpf.images
        where content_id = content and state = 'stored' and product_key is not null
        group by case when key_scope = 'global' then null else source end, key_scope
    ) as scopes
$$;
comment on function cpf.product_key_count(bigint) is 'How many surely different products live images of the content stand for: the most of all global keys, or of one source''s.';

create function cpf.is_placeholder(content bigint) returns boolean language sql stable
security definer set search_path = cpf, public, pg_temp as $$
    select coalesce(
        (select is_placeholder from cpf.placeholder_overrides where content_id = content),
        cpf.product_key_count(content) >= (select min_product_keys from cpf.placeholder_policy))
$$;
comment on function cpf.is_placeholder(bigint) is 'Whether the content is a placeholder now: the override, else the count against the policy.';

create function cpf.active_model() returns bigint language sql stable
security definer set search_path = cpf, public, pg_temp as $$
    select model_id from cpf.models where state = 'active'
$$;
comment on function cpf.active_model() is 'The active model, null before there is one.';

create view cpf.match_group_members as
select group_id, model_id, source, external_id, product_key, key_scope, sha256, content_id, image_id, uri
from (
    select g.group_id, g.model_id, i.source, i.external_id, i.product_key, i.key_scope, encode(c.sha256, 'hex') as sha256,
           g.content_id, i.image_id, i.uri, count(*) over (partition by g.group_id) as images
    from cpf.group_members g
    join cpf.images   i on i.content_id = g.content_id and i.state = 'stored'
    join cpf.contents c on c.content_id = g.content_id
    where g.model_id = cpf.active_model()
) as members
where images >= 2;
comment on view   cpf.match_group_members is 'The images of every match group of two images or more, under the active model.';
comment on column cpf.match_group_members.group_id    is 'Smallest content_id of the group: a handle.';
comment on column cpf.match_group_members.model_id    is 'The active model.';
comment on column cpf.match_group_members.source      is 'The feed or seller.';
comment on column cpf.match_group_members.external_id is 'The source''s own name of the image.';
comment on column cpf.match_group_members.product_key is 'The product key from the feed, if any.';
comment on column cpf.match_group_members.key_scope   is 'global or source.';
comment on column cpf.match_group_members.sha256      is 'SHA-256 of the image''s bytes, hex.';
comment on column cpf.match_group_members.content_id  is 'The content.';
comment on column cpf.match_group_members.image_id    is 'The image.';
comment on column cpf.match_group_members.uri         is 'Where the image came from.';

create view cpf.match_groups as
select m.group_id, m.model_id, count(*) as images, count(distinct m.content_id) as contents, count(distinct m.source) as sources,
       count(distinct m.product_key) as product_keys, coalesce(g.min_pair_similarity, 1) as min_pair_similarity,
       coalesce(g.medoid, m.group_id) as medoid, coalesce(g.weakest_merge, 1) as weakest_merge
from cpf.match_group_members m
left join cpf.groups g on g.model_id = m.model_id and g.group_id = m.group_id
group by m.group_id, m.model_id, g.min_pair_similarity, g.medoid, g.weakest_merge;
comment on view   cpf.match_groups is 'The match groups of two images or more under the active model, with their cohesion.';
comment on column cpf.match_groups.group_id            is 'Smallest content_id of the group: a handle.';
comment on column cpf.match_groups.model_id            is 'The active model.';
comment on column cpf.match_groups.images              is 'Live images.';
comment on column cpf.match_groups.contents            is 'Distinct contents.';
comment on column cpf.match_groups.sources             is 'Distinct sources.';
comment on column cpf.match_groups.product_keys        is 'Distinct product keys.';
comment on column cpf.match_groups.min_pair_similarity is 'Similarity of the two most distant contents; 1 for exact copies only.';
comment on column cpf.match_groups.medoid              is 'The content to show for the group.';
comment on column cpf.match_groups.weakest_merge       is 'Lowest mean similarity at which two parts were merged; 1 for exact copies only.';

create view cpf.match_pairs as
select a.source as source_a, a.external_id as external_id_a, b.source as source_b, b.external_id as external_id_b,
       p.content_a, p.content_b, p.similarity, p.similarity >= m.threshold as matches
from cpf.models m
join cpf.matches p on p.head_id = m.head_id
join cpf.images  a on a.content_id = p.content_a and a.state = 'stored'
join cpf.images  b on b.content_id = p.content_b and b.state = 'stored'
where m.state = 'active';
comment on view   cpf.match_pairs is 'Pairs of similar images with their similarity under the active model, as far as kept for explanation.';
comment on column cpf.match_pairs.source_a      is 'Source of the one image.';
comment on column cpf.match_pairs.external_id_a is 'External id of the one image.';
comment on column cpf.match_pairs.source_b      is 'Source of the other image.';
comment on column cpf.match_pairs.external_id_b is 'External id of the other image.';
comment on column cpf.match_pairs.content_a     is 'Content of the one image.';
comment on column cpf.match_pairs.content_b     is 'Content of the other image.';
comment on column cpf.match_pairs.similarity    is 'Similarity of the two contents.';
comment on column cpf.match_pairs.matches       is 'Whether it reaches the threshold.';

create view cpf.image_status as
select i.image_id, i.source, i.external_id, i.state,
       case when i.state <> 'stored'                 then i.state
            when g.pending                           then 'pending'
            when g.content_id is not null            then 'matched'
            when cpf.is_placeholder(i.content_id)    then 'placeholder'
            when e.content_id is not null            then 'embedded'
            else 'stored' end as status,
       i.reject_reason, i.reject_detail, i.product_key, i.key_scope, i.content_id, g.group_id, coalesce(g.reconciled, false) as reconciled,
       i.revision, i.submitted_at, i.updated_at
from cpf.images i
left join (select model_id, head_id from cpf.models where state = 'active') m on true
left join cpf.group_members g on g.model_id = m.model_id and g.content_id = i.content_id and i.state = 'stored'
left join cpf.embeddings    e on e.head_id = m.head_id and e.content_id = i.content_id;
comment on view   cpf.image_status is 'Where every image stands under the active model.';
comment on column cpf.image_status.image_id      is 'The image.';
comment on column cpf.image_status.source        is 'The feed or seller.';
comment on column cpf.image_status.external_id   is 'The source''s own name of the image.';
comment on column cpf.image_status.state         is 'received, stored, rejected or retracted.';
comment on column cpf.image_status.status        is 'received, stored, embedded, matched, pending (matched, its giant component waits to be regrouped), placeholder, rejected, retracted.';
comment on column cpf.image_status.reject_reason is 'Reason code when rejected.';
comment on column cpf.image_status.reject_detail is 'What was wrong, for a person.';
comment on column cpf.image_status.product_key   is 'The product key from the feed, if any.';
comment on column cpf.image_status.key_scope     is 'global or source.';
comment on column cpf.image_status.content_id    is 'The content.';
comment on column cpf.image_status.group_id      is 'Its match group.';
comment on column cpf.image_status.reconciled    is 'Whether it was joined exactly against all others.';
comment on column cpf.image_status.revision      is 'The producer''s revision.';
comment on column cpf.image_status.submitted_at  is 'First arrival.';
comment on column cpf.image_status.updated_at    is 'Last applied change.';

create view cpf.model_history as
select m.model_id, m.state, m.threshold, m.head_id, h.backbone_id, h.embedding_dim, b.feature_dim, m.parent_model_id,
       m.created_at, m.activated_at, m.retired_at, m.report
from cpf.models m
join cpf.heads     h using (head_id)
join cpf.backbones b using (backbone_id);
comment on view   cpf.model_history is 'Every model there was, with its threshold and report.';
comment on column cpf.model_history.model_id        is 'The model.';
comment on column cpf.model_history.state           is 'candidate, shadow, active, retired, refused.';
comment on column cpf.model_history.threshold       is 'The one global similarity threshold.';
comment on column cpf.model_history.head_id         is 'Its head.';
comment on column cpf.model_history.backbone_id     is 'Its backbone.';
comment on column cpf.model_history.embedding_dim   is 'Length of an embedding.';
comment on column cpf.model_history.feature_dim     is 'Length of a feature.';
comment on column cpf.model_history.parent_model_id is 'The model it was made from.';
comment on column cpf.model_history.created_at      is 'When it was made.';
comment on column cpf.model_history.activated_at    is 'When it last became active.';
comment on column cpf.model_history.retired_at      is 'When it last ceased to be active.';
comment on column cpf.model_history.report          is 'What was measured when it was made.';

create view cpf.placeholders as
select c.content_id, encode(c.sha256, 'hex') as sha256, cpf.product_key_count(c.content_id) as product_keys,
       (select count(*) from cpf.images i where i.content_id = c.content_id and i.state = 'stored') as images,
       o.is_placeholder as override, o.who, o.note
from cpf.contents c
left join cpf.placeholder_overrides o using (content_id)
where c.content_id in (select content_id from cpf.placeholder_overrides
                       union
                       select content_id from cpf.images where state = 'stored' and product_key is not null
                       group by content_id having count(*) >= (select min_product_keys from cpf.placeholder_policy))
  and (o.is_placeholder is not null or cpf.is_placeholder(c.content_id));
comment on view   cpf.placeholders is 'Contents kept out of matching because many different products use them, and the overrides.';
comment on column cpf.placeholders.content_id   is 'The content.';
comment on column cpf.placeholders.sha256       is 'SHA-256 of its bytes, hex.';
comment on column cpf.placeholders.product_keys is 'Surely different products that show it.';
comment on column cpf.placeholders.images       is 'Live images that refer to it.';
comment on column cpf.placeholders.override     is 'A person''s word, if any.';
comment on column cpf.placeholders.who          is 'Who said so.';
comment on column cpf.placeholders.note         is 'Why.';

-- For data teams. Run as the owner, so that cpf_reader needs no rights on the tables.
create function cpf.why(a uuid, b uuid)
returns table (image_a uuid, image_b uuid, similarity double precision, threshold double precision, matches boolean,
               verdict text, group_a bigint, group_b bigint, same_group boolean)
language sql stable security definer set search_path = cpf, public, pg_temp as $$
    select x.image_id, y.image_id,
           case when x.content_id = y.content_id then 1 else -(ex.embedding <#> ey.embedding) end,
           m.threshold,
           x.content_id = y.content_id or -(ex.embedding <#> ey.embedding) >= m.threshold,
           v.verdict, gx.group_id, gy.group_id, gx.group_id = gy.group_id
    from cpf.models m
    join cpf.images x on x.image_id = a
    join cpf.images y on y.image_id = b
    left join cpf.embeddings    ex on ex.head_id = m.head_id and ex.content_id = x.content_id
    left join cpf.embeddings    ey on ey.head_id = m.head_id and ey.content_id = y.content_id
    left join cpf.group_members gx on gx.model_id = m.model_id and gx.content_id = x.content_id
    left join cpf.group_members gy on gy.model_id = m.model_id and gy.content_id = y.content_id
    left join cpf.verdicts v on v.content_a = least(x.content_id, y.content_id) and v.content_b = greatest(x.content_id, y.content_id)
    where m.state = 'active'
$$;
comment on function cpf.why(uuid, uuid) is 'Why two images are (not) in one group: their similarity (in single precision here), the threshold, the verdict, their groups.';

create function cpf.similar_images(image uuid, k integer default 10)
returns table (image_id uuid, source text, external_id text, similarity double precision, matches boolean)
language plpgsql stable security definer set search_path = cpf, public, pg_temp as $$
declare head bigint; dim integer; tau double precision; query halfvec;
begin
    if k < 1 or k > 1000 then raise exception 'k must be 1 to 1000, not %', k; end if;
    select m.head_id, h.embedding_dim, m.threshold into head, dim, tau
    from cpf.models m join cpf.heads h using (head_id) where m.state = 'active';
    select e.embedding into query from cpf.images i join cpf.embeddings e on e.content_id = i.content_id
    where i.image_id = image and e.head_id = head;
    if query is null then return; end if;
    -- Contents that are not live take up places, and by default the index stops at 40: look further until k live ones are found.
    perform set_config('hnsw.ef_search', least(1000, 2 * k + 40)::text, true), set_config('hnsw.iterative_scan', 'strict_order', true);
    return query execute format(
        'select i.image_id, i.source, i.external_id, n.similarity, n.similarity >= %4$s
         from (select content_id, -((embedding::halfvec(%1$s)) <#> $1::halfvec(%1$s)) as similarity
               from cpf.embeddings e where head_id = %2$s
               and exists (select from cpf.images l where l.content_id = e.content_id and l.state = ''stored'')
               order by (embedding::halfvec(%1$s)) <#> $1::halfvec(%1$s) limit %3$s) n
         join cpf.images i on i.content_id = n.content_id and i.state = ''stored''
         where i.image_id <> $2
         order by n.similarity desc, i.source, i.external_id limit %5$s', dim, head, k + 1, tau, k)
    using query, image;
end $$;
comment on function cpf.similar_images(uuid, integer) is 'The k live images most similar to an image (by the index where there is one).';

create function cpf.group_at(image uuid, at timestamptz) returns bigint
language sql stable security definer set search_path = cpf, public, pg_temp as $$
    select e.group_id from cpf.images i join cpf.group_events e on e.content_id = i.content_id
    where i.image_id = image and e.at <= group_at.at
    order by e.seq desc limit 1
$$;
comment on function cpf.group_at(uuid, timestamptz) is 'The match group that the image''s present content was in at a time; null when in none.';

create function cpf.what_if(threshold double precision)
returns table (groups bigint, contents_in_groups bigint, largest bigint)
language plpgsql stable security definer set search_path = cpf, public, pg_temp as $$
declare model bigint; tau double precision;
begin
    select m.model_id, m.threshold into model, tau from cpf.models m where m.state = 'active';
    if threshold < tau then
        raise exception 'what_if answers for thresholds from that of the active model (%) up, not %: below it nothing is stored', tau, threshold;
    end if;
    -- A cut of the agglomeration tree: every cluster name is merged away once, at a height that falls towards the root.
    return query
    with recursive cut as (
        select g.content_id, g.content_id as cluster from cpf.group_members g
        where g.model_id = model and not exists (
            select from cpf.group_merges t where t.model_id = model and t."right" = g.content_id and t.height >= threshold)
        union all
        select t."right", cut.cluster from cut
        join cpf.group_merges t on t.model_id = model and t."left" = cut.content_id and t.height >= threshold
    ), sizes as (select count(*) as size from cut group by cluster having count(*) >= 2)
    select count(*), coalesce(sum(size), 0)::bigint, coalesce(max(size), 0) from sizes;
end $$;
comment on function cpf.what_if(double precision) is 'Groups of two contents or more that a higher threshold would give on the active model''s embeddings.';

-- Section: rights ---------------------------------------------------------------------------------------------------------------
revoke all on schema cpf from public;
revoke execute on all functions in schema cpf from public;
grant usage on schema cpf to cpf_service, cpf_reader;
grant select, insert, update, delete on all tables in schema cpf to cpf_service;
revoke insert, update, delete on cpf.schema_versions from cpf_service;
grant usage, select on all sequences in schema cpf to cpf_service;
grant execute on all functions in schema cpf to cpf_service;
grant select on cpf.match_groups, cpf.match_group_members, cpf.match_pairs, cpf.image_status, cpf.model_history, cpf.placeholders to cpf_reader;
grant execute on function cpf.why(uuid, uuid), cpf.similar_images(uuid, integer), cpf.group_at(uuid, timestamptz), cpf.what_if(double precision),
    cpf.active_model(), cpf.is_placeholder(bigint), cpf.product_key_count(bigint) to cpf_reader;
