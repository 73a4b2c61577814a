-- Views that answer for one listing, one group or one page in the time of an index, however large the catalogue is. None of them holds a
-- window, a distinct or an aggregate over everything, so that a condition reaches the tables. The active model is a subquery without
-- references: it is looked up once a query, and what is ordered by an index stays ordered.

-- Section: indexes ------------------------------------------------------------------------------------------------------------
create index images_product_key on cpf.images (product_key) where product_key is not null;
create index images_updated     on cpf.images (updated_at, image_id);
create index images_keys        on cpf.images (content_id, key_scope, (case key_scope when 'global' then '' else source end), product_key)
    where state = 'stored' and product_key is not null;
create index matches_similarity on cpf.matches (head_id, similarity);
create index model_diff_contents_content on cpf.model_diff_contents (content_id);
comment on index cpf.images_keys is 'From one product key of a content to the next, without the images in between: see cpf.is_placeholder.';

-- Section: placeholders -------------------------------------------------------------------------------------------------------
-- Steps from key to key and stops at the limit. A logo of 100,000 listings costs as many steps as the policy asks for products, and no
-- count of its listings for each of them.
create or replace function cpf.is_placeholder(content bigint) returns boolean
language plpgsql stable parallel safe security definer set search_path = cpf, public, pg_temp as $$
declare word boolean; needed integer; found_keys integer := 0; scope text := ''; seller text := ''; product text := ''; next_key record;
begin
    select o.is_placeholder into word from cpf.placeholder_overrides o where o.content_id = content;
    if word is not null then return word; end if;
    if exists (select from cpf.contents c where c.content_id = content and c.blank) then return true; end if;
    select p.min_product_keys into needed from cpf.placeholder_policy p;
    loop
        select i.key_scope, case i.key_scope when 'global' then '' else i.source end as seller, i.product_key into next_key
        from cpf.images i
        where i.content_id = content and i.state = 'stored' and i.product_key is not null
          and (i.key_scope, case i.key_scope when 'global' then '' else i.source end, i.product_key) > (scope, seller, product)
        order by i.key_scope, case i.key_scope when 'global' then '' else i.source end, i.product_key
        limit 1;
        if not found then return false; end if;
        found_keys := case when (next_key.key_scope, next_key.seller) = (scope, seller) then found_keys + 1 else 1 end;
        if found_keys >= needed then return true; end if;
        scope := next_key.key_scope;
        seller := next_key.seller;
        product := next_key.product_key;
    end loop;
end $$;
alter function cpf.product_key_count(bigint) parallel safe;
alter function cpf.active_model() parallel safe;

-- The keys of every content are counted by their index alone. A condition on the content reaches that index.
create or replace view cpf.placeholders as
select c.content_id, encode(c.sha256, 'hex') as sha256, cpf.product_key_count(c.content_id) as product_keys,
       (select count(*) from cpf.images i where i.content_id = c.content_id and i.state = 'stored') as images,
       o.is_placeholder as override, o.who, o.note, c.blank,
       c.content_id::text as content_id_text, l.source, l.external_id, l.uri, c.width, c.height, c.byte_length as bytes,
       c.created_at as first_seen_at
from (select p.content_id from cpf.placeholder_overrides p
      union
      select b.content_id from cpf.contents b where b.blank and b.state = 'stored'
      union
      select k.content_id from cpf.images k where k.state = 'stored' and k.product_key is not null
      group by k.content_id having count(*) >= (select p.min_product_keys from cpf.placeholder_policy p)) as candidate
join cpf.contents c using (content_id)
left join cpf.placeholder_overrides o using (content_id)
left join lateral (
    select i.source, i.external_id, i.uri from cpf.images i where i.content_id = c.content_id and i.state = 'stored'
    order by i.source, i.external_id limit 1) l on true
where o.is_placeholder is not null or cpf.is_placeholder(c.content_id);
comment on column cpf.placeholders.content_id_text is 'content_id as text, for programs that lose digits of large numbers.';
comment on column cpf.placeholders.source          is 'Source of a listing that shows it; null when no live one does.';
comment on column cpf.placeholders.external_id     is 'External id of that listing.';
comment on column cpf.placeholders.uri             is 'Where that listing''s picture came from.';
comment on column cpf.placeholders.width           is 'Pixels, as the file''s header says.';
comment on column cpf.placeholders.height          is 'Pixels, as the file''s header says.';
comment on column cpf.placeholders.bytes           is 'Size of the file.';
comment on column cpf.placeholders.first_seen_at   is 'When the bytes first arrived.';

-- Section: groups and members -------------------------------------------------------------------------------------------------
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
    where og.model_id = g.model_id and og.group_id = g.group_id and oi.image_id <> i.image_id
    limit 1) companion
where g.model_id = (select m.model_id from cpf.models m where m.state = 'active') and i.state = 'stored';
comment on column cpf.match_group_members.width             is 'Pixels, as the file''s header says (before EXIF rotation).';
comment on column cpf.match_group_members.height            is 'Pixels, as the file''s header says (before EXIF rotation).';
comment on column cpf.match_group_members.bytes             is 'Size of the file.';
comment on column cpf.match_group_members.format            is 'File format by its header.';
comment on column cpf.match_group_members.first_seen_at     is 'When these bytes first arrived, from whichever source.';
comment on column cpf.match_group_members.submitted_at      is 'When the image first arrived.';
comment on column cpf.match_group_members.updated_at        is 'Last change of the image itself. A change of its group does not count: see cpf.group_changes.';
comment on column cpf.match_group_members.grouped_at        is 'When its content last came into another group (renames apart); null for what was grouped before events were kept.';
comment on column cpf.match_group_members.medoid            is 'The content to show for the group: the one most similar to all others.';
comment on column cpf.match_group_members.medoid_similarity is 'Exact similarity to the medoid; 1 for the medoid and its copies.';
comment on column cpf.match_group_members.group_id_text     is 'group_id as text, for programs that lose digits of large numbers.';
comment on column cpf.match_group_members.content_id_text   is 'content_id as text.';
comment on column cpf.match_group_members.medoid_text       is 'medoid as text.';

-- A row for the member that names the group, whatever its size, so that a group is found by its id, also from another table's. What is
-- counted is counted for the groups that are asked for.
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
    where g.model_id = n.model_id and g.group_id = n.group_id
    having count(*) >= 2) a
where n.model_id = (select m.model_id from cpf.models m where m.state = 'active') and n.content_id = n.group_id;
comment on column cpf.match_groups.global_keys   is 'Distinct global product keys (GTIN, EAN, brand and MPN).';
comment on column cpf.match_groups.key_conflict  is 'Whether its images carry keys of surely different products: two global ones, or two of one source''s own.';
comment on column cpf.match_groups.first_seen_at is 'When the first of its images arrived.';
comment on column cpf.match_groups.updated_at    is 'Last change of one of its images. A change of the group itself does not count: see cpf.group_changes.';
comment on column cpf.match_groups.group_id_text is 'group_id as text, for programs that lose digits of large numbers.';
comment on column cpf.match_groups.medoid_text   is 'medoid as text.';

create view cpf.group_cohesion as
select r.group_id, r.model_id, r.size as contents, r.min_pair_similarity, r.weakest_merge, r.medoid, r.group_id::text as group_id_text,
       r.medoid::text as medoid_text
from cpf.groups r
where r.model_id = (select m.model_id from cpf.models m where m.state = 'active');
comment on view   cpf.group_cohesion is 'How well the groups of two contents or more hold together, without counting their images: to sort all of them. cpf.match_groups tells more of one.';
comment on column cpf.group_cohesion.group_id            is 'Smallest content_id of the group: a handle.';
comment on column cpf.group_cohesion.model_id            is 'The active model.';
comment on column cpf.group_cohesion.contents            is 'Contents in the group.';
comment on column cpf.group_cohesion.min_pair_similarity is 'Similarity of its two most distant contents.';
comment on column cpf.group_cohesion.weakest_merge       is 'Lowest mean similarity at which two parts of it were merged.';
comment on column cpf.group_cohesion.medoid              is 'The content to show for the group.';
comment on column cpf.group_cohesion.group_id_text       is 'group_id as text, for programs that lose digits of large numbers.';
comment on column cpf.group_cohesion.medoid_text         is 'medoid as text.';
grant select on cpf.group_cohesion to cpf_service, cpf_reader;

-- Section: pairs --------------------------------------------------------------------------------------------------------------
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
where p.head_id = (select m.head_id from cpf.models m where m.state = 'active');
comment on column cpf.match_pairs.uri_a          is 'Where the one image came from.';
comment on column cpf.match_pairs.uri_b          is 'Where the other image came from.';
comment on column cpf.match_pairs.product_key_a  is 'Product key of the one image, if any.';
comment on column cpf.match_pairs.product_key_b  is 'Product key of the other image, if any.';
comment on column cpf.match_pairs.content_a_text is 'content_a as text, for programs that lose digits of large numbers.';
comment on column cpf.match_pairs.content_b_text is 'content_b as text.';
comment on column cpf.match_pairs.group_a_text   is 'group_a as text.';
comment on column cpf.match_pairs.group_b_text   is 'group_b as text.';

-- Section: where images stand -------------------------------------------------------------------------------------------------
-- Subqueries are asked for the rows that need them. A planner that joined instead would read whole tables for one listing.
create or replace view cpf.image_status as
select i.image_id, i.source, i.external_id, i.state,
       case when i.state <> 'stored'                 then i.state
            when g.pending                           then 'pending'
            when g.content_id is not null            then 'matched'
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
           where og.model_id = g.model_id and og.group_id = g.group_id and oi.image_id <> i.image_id
           limit 1), false) as in_group,
       i.content_id::text as content_id_text, g.group_id::text as group_id_text
from cpf.images i
left join cpf.contents c on c.content_id = i.content_id
left join cpf.group_members g on g.model_id = (select m.model_id from cpf.models m where m.state = 'active')
                             and g.content_id = i.content_id and i.state = 'stored';
comment on column cpf.image_status.uri             is 'Where the image came from.';
comment on column cpf.image_status.sha256          is 'SHA-256 of the image''s bytes, hex; of a retracted image those of its last picture; null when it never had one.';
comment on column cpf.image_status.width           is 'Pixels, as the file''s header says (before EXIF rotation).';
comment on column cpf.image_status.height          is 'Pixels, as the file''s header says (before EXIF rotation).';
comment on column cpf.image_status.bytes           is 'Size of the file.';
comment on column cpf.image_status.format          is 'File format by its header.';
comment on column cpf.image_status.first_seen_at   is 'When these bytes first arrived, from whichever source.';
comment on column cpf.image_status.grouped_at      is 'When its content last came into another group (renames apart); null when it is in none.';
comment on column cpf.image_status.in_group        is 'Whether its group holds another image.';
comment on column cpf.image_status.content_id_text is 'content_id as text, for programs that lose digits of large numbers.';
comment on column cpf.image_status.group_id_text   is 'group_id as text.';

-- Section: ids as text in the other views -------------------------------------------------------------------------------------
create or replace view cpf.match_verdicts as
select a.source as source_a, a.external_id as external_id_a, b.source as source_b, b.external_id as external_id_b,
       v.verdict, v.who, v.at, v.note, v.content_a, v.content_b, v.content_a::text as content_a_text, v.content_b::text as content_b_text
from cpf.verdicts v
left join cpf.images a on a.content_id = v.content_a and a.state = 'stored'
left join cpf.images b on b.content_id = v.content_b and b.state = 'stored';
comment on column cpf.match_verdicts.content_a_text is 'content_a as text, for programs that lose digits of large numbers.';
comment on column cpf.match_verdicts.content_b_text is 'content_b as text.';

create or replace view cpf.group_changes as
select e.seq, e.at, e.model_id, e.kind, e.content_id, e.group_id, e.previous_group_id,
       e.content_id::text as content_id_text, e.group_id::text as group_id_text, e.previous_group_id::text as previous_group_id_text
from cpf.group_events e;
comment on column cpf.group_changes.content_id_text        is 'content_id as text, for programs that lose digits of large numbers.';
comment on column cpf.group_changes.group_id_text          is 'group_id as text.';
comment on column cpf.group_changes.previous_group_id_text is 'previous_group_id as text.';

create or replace view cpf.placeholder_changes as
select e.seq, e.content_id, encode(c.sha256, 'hex') as sha256, e.is_placeholder, e.product_keys, e.who, e.at, e.content_id::text as content_id_text
from cpf.placeholder_events e
join cpf.contents c using (content_id);
comment on column cpf.placeholder_changes.content_id_text is 'content_id as text, for programs that lose digits of large numbers.';

create or replace view cpf.model_changes as
select c.model_id, d.from_model_id, d.at, c.content_id, c.kind, c.group_id_before, c.group_id_after, d.churn,
       c.content_id::text as content_id_text, c.group_id_before::text as group_id_before_text, c.group_id_after::text as group_id_after_text
from cpf.model_diff_contents c
join cpf.model_diffs         d using (model_id);
comment on column cpf.model_changes.content_id_text      is 'content_id as text, for programs that lose digits of large numbers.';
comment on column cpf.model_changes.group_id_before_text is 'group_id_before as text.';
comment on column cpf.model_changes.group_id_after_text  is 'group_id_after as text.';

-- Section: psql ---------------------------------------------------------------------------------------------------------------
-- So that cpf_reader need not write the schema. Only who may alter the role can do this; where that is somebody else, its README says how.
do $$
begin
    execute format('alter role cpf_reader in database %I set search_path = cpf, public', current_database());
exception when insufficient_privilege then
    raise notice 'the search_path of cpf_reader is left as it is: a superuser may set it';
end $$;
