-- Groups of two images or more, counted from the copy.
{{ config(materialized='view') }}

select g.group_id, count(*) as images, count(distinct g.content_id) as contents, count(distinct g.source) as sources,
       count(distinct g.product_key) filter (where g.key_scope = 'global') as global_keys, max(g.updated_at) as updated_at
from {{ ref('image_groups') }} g
where g.group_id is not null
group by g.group_id
having count(*) >= 2
