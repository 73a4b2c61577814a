-- The merges that a higher threshold undoes, and the pictures that were refused last: both are looked at by pages, a few at a time.
create index group_merges_height on cpf.group_merges (model_id, height, "right");
create index images_rejected on cpf.images (updated_at, image_id) where state = 'rejected';
