-- A shadow that cannot be grouped was tried again for ever, and no later night began. Now the run ends after some tries.
alter table cpf.model_preparations add column failures integer not null default 0;
comment on column cpf.model_preparations.failures is 'Tries in a row that ended because the model cannot be grouped. After some the run gives up.';
