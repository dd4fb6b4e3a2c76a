-- Nothing looks for people by when their status ends.
drop index users_status;

-- Invitations that expired long ago are found, and forgotten.
create index account_invitations_expiry on account_invitations (expires_at);

-- Stems stayed when no word began with them any more; from now on they go with the last one.
-- Nobody may be given a name meanwhile.
lock table name_words, name_typos in exclusive mode;
delete from name_typos where not exists (select 1 from name_words
    where place = 1 and word >= name_typos.stem and word < name_typos.stem || chr(1114111));
