-- What a run needs to go on with its candidate after a crash, in columns. Until now it stood in the report.
alter table cpf.training_runs
    add column candidate_head_sha256   bytea,
    add column candidate_embedding_dim integer,
    add column candidate_threshold     double precision,
    add column candidate_passed        boolean,
    add column candidate_reason        text,
    add constraint training_runs_candidate check (
        num_nulls(candidate_head_sha256, candidate_embedding_dim, candidate_threshold, candidate_passed, candidate_reason) in (0, 5));
comment on column cpf.training_runs.candidate_head_sha256   is 'SHA-256 of the candidate''s head, whose file is stored; null before the run has made a candidate.';
comment on column cpf.training_runs.candidate_embedding_dim is 'Values of an embedding under that head.';
comment on column cpf.training_runs.candidate_threshold     is 'tau of the candidate.';
comment on column cpf.training_runs.candidate_passed        is 'Whether the gate let the candidate through.';
comment on column cpf.training_runs.candidate_reason        is 'The gate''s word in a sentence.';

alter table cpf.models add column run_id uuid references cpf.training_runs (run_id);
create unique index models_run on cpf.models (run_id) where run_id is not null;
comment on column cpf.models.run_id is 'The run that registered it as its candidate; null: it came otherwise, or before this column.';
