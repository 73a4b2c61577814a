-- A catalogue of current_setting('bench.contents') contents, written straight into the tables: of every 200 contents one in a giant group,
-- two placeholders, 160 in groups of two to six, the others alone; 1.3 images a content.
create unlogged table public.catalogue as
select n, decode(h.hex, 'hex') as sha256, (('x' || left(h.hex, 16))::bit(64) >> 1)::bigint as content_id,
       case when n <= giant then 0
            when n <= giant + grouped then 1 + (n - giant - 1) / 20 * 5
                 + case when r < 2 then 0 when r < 5 then 1 when r < 9 then 2 when r < 14 then 3 else 4 end
       end as group_n,
       n > contents - placeholders as placeholder
from (select c as contents, c / 200 as giant, c * 8 / 10 as grouped, c / 100 as placeholders
      from (select current_setting('bench.contents')::bigint as c) s) size
cross join lateral generate_series(1, size.contents) n
cross join lateral (select encode(sha256(n::text::bytea), 'hex') as hex, (n - giant - 1) % 20 as r) h;
create index on public.catalogue (n);
create index on public.catalogue (group_n);
analyze public.catalogue;

insert into cpf.contents (content_id, sha256, format, width, height, byte_length, created_at, blank)
select content_id, sha256, 'jpeg', 600 + n % 400, 600 + n % 300, 40000 + n % 90000, now() - interval '90 days' + n * interval '5 seconds',
       placeholder and n % 100 <> 0
from public.catalogue;

-- One image a content, a copy of every fourth, and logos that 200 or 2,000 products show.
insert into cpf.images (image_id, source, external_id, uri, product_key, key_scope, content_id, state, revision, applied_revision,
                        submitted_at, updated_at)
select md5(i.external_id)::uuid, i.source, i.external_id, 'https://' || i.source || '.example/pictures/' || i.external_id || '.jpg',
       i.product_key, i.key_scope, i.content_id, 'stored', 1, 1, i.at, i.at
from (
    select 'shop-' || n % 50 as source, 'item-' || n as external_id, content_id,
           case when n % 10 < 6 then 'gtin:' || coalesce(group_n, n + 10000000) || case when n % 97 = 0 then '-b' else '' end
                when n % 10 < 8 then 'sku-' || n end as product_key,
           case when n % 10 < 6 then 'global' else 'source' end as key_scope,
           now() - interval '90 days' + n * interval '5 seconds' as at
    from public.catalogue
    union all
    select 'shop-' || (n + 7) % 50, 'copy-' || n, content_id, case when n % 8 = 0 and group_n is not null then 'gtin:' || group_n end,
           'global', now() - interval '30 days' + n * interval '2 seconds'
    from public.catalogue
    where n % 4 = 0 and not placeholder
    union all
    select 'shop-' || l % 50, 'logo-' || n || '-' || l, content_id, 'sku-logo-' || l, 'source', now() - interval '20 days' + l * interval '1 second'
    from public.catalogue
    cross join generate_series(1, 2000) l
    where placeholder and n % 100 = 0 and l <= case when n % 1000 = 0 then 2000 else 200 end) i;

insert into cpf.images (image_id, source, external_id, uri, state, reject_reason, reject_detail, revision)
select md5('bad-' || n)::uuid, 'shop-' || n % 50, 'bad-' || n, 'https://shop.example/bad', 'rejected',
       case n % 3 when 0 then 'undecodable' when 1 then 'too_large' else 'not_found' end, 'generated', 1
from generate_series(1, current_setting('bench.contents')::bigint / 100) n;

insert into cpf.placeholder_overrides (content_id, is_placeholder, who, note)
select content_id, true, 'anna', 'a banner' from public.catalogue where placeholder and n % 500 = 1;
insert into cpf.placeholder_events (content_id, is_placeholder, product_keys, at)
select content_id, true, 20, now() - interval '10 days' from public.catalogue where placeholder;

-- Two models on one head; a fifth of the contents has embeddings, which only functions read.
insert into cpf.backbones (sha256, feature_dim, input_spec, blob_key) values (sha256('backbone'), 8, '{}', 'b');
insert into cpf.heads (backbone_id, sha256, embedding_dim, blob_key) select backbone_id, sha256('head'), 8, 'h' from cpf.backbones;
insert into cpf.models (head_id, threshold, state, activated_at, report, created_at)
select head_id, 0.8, 'retired', now() - interval '60 days', '{"f1": 0.9, "f1_interval": [0.88, 0.92], "opis": 0.01}', now() - interval '61 days'
from cpf.heads;
insert into cpf.models (head_id, threshold, state, activated_at, report, parent_model_id)
select head_id, 0.82, 'active', now() - interval '1 day', '{"f1": 0.92, "f1_interval": [0.9, 0.94], "opis": 0.01}', 1 from cpf.heads;
select cpf.create_embedding_partition(1);
insert into cpf.embeddings (head_id, content_id, embedding)
select 1, c.content_id, e.unit::halfvec
from public.catalogue c
cross join lateral (
    select array_agg((v / norm)::real order by k) as unit
    from (select k, v, sqrt(sum(v * v) over ()) as norm
          from (select k, (hashtextextended(coalesce(c.group_n, -c.n)::text, k) % 1000)::double precision
                          + (hashtextextended(c.n::text, k) % 1000) * 0.15 as v
                from generate_series(1, 8) k) x) y) e
where c.n <= current_setting('bench.contents')::bigint / 5;
select cpf.create_embedding_index(1);

create unlogged table public.grouped as
select n, content_id, group_n, min(content_id) over (partition by coalesce(group_n, -n)) as group_id from public.catalogue where not placeholder;
create index on public.grouped (n);
insert into cpf.group_members (model_id, content_id, group_id, component_id, reconciled, matched_at)
select 2, content_id, group_id, group_id, true, now() - interval '80 days' + n * interval '5 seconds' from public.grouped;
insert into cpf.groups (model_id, group_id, size, min_pair_similarity, medoid, weakest_merge)
select 2, group_id, count(*), 0.8 + abs(group_id % 1000) / 6000.0, max(content_id), 0.82 + abs(group_id % 1000) / 6000.0
from public.grouped group by group_id having count(*) >= 2;
insert into cpf.group_merges (model_id, "left", "right", height)
select 2, group_id, content_id, 0.82 + n % 150 / 1000.0 from public.grouped where content_id <> group_id;
insert into cpf.matches (head_id, content_a, content_b, similarity)
select 1, least(a.content_id, b.content_id), greatest(a.content_id, b.content_id),
       case when a.group_id = b.group_id then 0.83 + a.n % 160 / 1000.0 else 0.6 + a.n % 220 / 1000.0 end
from public.grouped a
join public.grouped b on b.n between a.n + 1 and a.n + case when a.group_n = 0 then 20 else 2 end
on conflict do nothing;
insert into cpf.verdicts (content_a, content_b, verdict, who, at)
select least(a.content_id, b.content_id), greatest(a.content_id, b.content_id), case when a.group_id = b.group_id then 'same' else 'different' end,
       'anna', now() - interval '2 days'
from public.grouped a join public.grouped b on b.n = a.n + 1 where a.n % 300 = 0;

-- Everything joined alone, then merged; one in a hundred of the merges within the last day.
insert into cpf.group_events (model_id, kind, content_id, group_id, at)
select 2, 'joined', content_id, content_id, now() - interval '80 days' + n * interval '5 seconds' from public.grouped order by n;
insert into cpf.group_events (model_id, kind, content_id, group_id, previous_group_id, at)
select 2, 'merged', content_id, group_id, content_id, now() - interval '20 days' * (1 - n::double precision / max(n) over ())
from public.grouped where content_id <> group_id and n % 7 = 0 order by n;
insert into cpf.image_contents (image_id, until, content_id)
select image_id, now() - interval '3 days', null from cpf.images where state = 'stored' and content_id % 50 = 0;
insert into cpf.image_updates (image_id, content_id, uri, key_scope, revision)
select image_id, content_id, uri, key_scope, 2 from cpf.images where state = 'stored' and content_id % 5000 = 0;
insert into cpf.reconciles (model_id, started_at, finished_at, contents, gallery, pairs, missed_pairs, recall)
select 2, now() - n * interval '1 hour', now() - n * interval '1 hour', 5000, 1000000, 9000, 3, 0.9997 from generate_series(1, 1000) n;
insert into cpf.feeds (source, path, format, state, revision, rows_total, rows_read, submitted_at, started_at, finished_at)
select 'shop-' || n % 50, '/feeds/' || n, 'csv', 'finished', n, 1000, 1000, now() - n * interval '1 hour', now() - n * interval '1 hour',
       now() - n * interval '1 hour'
from generate_series(1, 5000) n;
insert into cpf.training_runs (run_id, kind, trigger, state, step, message, base_model_id, data, created_at, started_at, finished_at)
select gen_random_uuid(), 'training', 'schedule', 'refused', 'gate', 'worse', 1, '{}', now() - n * interval '1 day', now() - n * interval '1 day',
       now() - n * interval '1 day' + interval '20 minutes'
from generate_series(1, 500) n;
insert into cpf.model_diffs (model_id, from_model_id, contents, unchanged, merged, split, moved, groups_before, groups_after, churn)
select 2, 1, n, n * 19 / 20, n / 20, 0, 0, n / 5, n / 5, 0.05 from (select current_setting('bench.contents')::bigint as n) s;
insert into cpf.model_diff_contents (model_id, content_id, kind, group_id_before, group_id_after)
select 2, content_id, 'merged', content_id, group_id from public.grouped where n % 20 = 3;
insert into cpf.erasures (scope, tombstone, state, who, finished_at, record_hash)
select 'image', sha256(n::text::bytea), 'finished', 'anna', now(), sha256('r') from generate_series(1, 2000) n;
analyze;
