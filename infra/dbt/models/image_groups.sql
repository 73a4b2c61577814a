-- Every image with its group. A run takes what changed since the last one: images, those that show the same pictures, and the images of
-- groups that changed. It finds them by indexes; only the sweep of images that are gone reads the whole copy. The steps of an image on its
-- way to a group (stored, embedded, pending) change nothing else, so the copy's status may be a step behind: ask image_status for that.
{{ config(
    materialized='incremental',
    unique_key='image_id',
    incremental_strategy='delete+insert',
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['image_id'], 'unique': True}, {'columns': ['group_id']}, {'columns': ['updated_at']}],
    post_hook="{% if is_incremental() %}delete from {{ this }} t where not exists (select from {{ source('cpf', 'image_status') }} s where s.image_id = t.image_id){% endif %}"
) }}

{% if is_incremental() %}
with last as (
    -- Transactions commit minutes after the time that they write at most.
    select coalesce(max(updated_at) - interval '10 minutes', '-infinity') as updated_at, coalesce(max(up_to), 0) as seq from {{ this }}
), changes as (
    select c.content_id, c.group_id, c.previous_group_id
    from {{ source('cpf', 'group_changes') }} c
    where c.seq > (select seq from last)
), updated as (
    select s.image_id, s.content_id from {{ source('cpf', 'image_status') }} s where s.updated_at >= (select updated_at from last)
), touched as (
    select u.image_id from updated u
    union
    -- Whether a picture is in a group may depend on the other listings that show it.
    select s.image_id from updated u join {{ source('cpf', 'image_status') }} s on s.content_id = u.content_id
    union
    select s.image_id from changes c join {{ source('cpf', 'image_status') }} s on s.content_id = c.content_id
    union
    select s.image_id from changes c join {{ source('cpf', 'image_status') }} s on s.group_id = c.group_id
    union
    select s.image_id from changes c join {{ source('cpf', 'image_status') }} s on s.group_id = c.previous_group_id
)
{% endif %}
select s.image_id, s.source, s.external_id, s.uri, s.state, s.status, s.reject_reason, s.product_key, s.key_scope, s.content_id, s.sha256,
       s.width, s.height, s.bytes, s.first_seen_at, s.group_id, s.in_group, s.grouped_at, s.submitted_at, s.updated_at,
       (select coalesce(max(c.seq), 0) from {{ source('cpf', 'group_changes') }} c) as up_to
from {{ source('cpf', 'image_status') }} s
{% if is_incremental() %}
join touched t using (image_id)
{% endif %}
