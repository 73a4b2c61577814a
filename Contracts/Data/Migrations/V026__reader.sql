-- cpf_reader reads. PostgreSQL lets everybody make temporary tables, which fill the disk, and before version 15 tables in the schema
-- public. What only a superuser can take away, and the limits of the role's sessions, are in infra/sql/reader.sql.
do $$
begin
    execute format('revoke temporary on database %I from public', current_database());
    execute format('grant temporary on database %I to cpf_service', current_database()); -- The catch-up of a model's embeddings.
    revoke create on schema public from public;
end $$;

-- These functions sort and count the catalogue. A caller's own work_mem does not reach into them, however large it is.
alter function cpf.group_at(uuid, timestamptz)                set work_mem = '64MB';
alter function cpf.group_history(uuid)                        set work_mem = '64MB';
alter function cpf.similar_images(uuid, integer)              set work_mem = '64MB';
alter function cpf.what_if(double precision)                  set work_mem = '64MB';
alter function cpf.what_if_members(double precision)          set work_mem = '64MB';
alter function cpf.why(uuid, uuid)                            set work_mem = '64MB';
