-- The used-up refresh tokens of a session in the order in which they were replaced: only the newest are kept. One that is
-- void, because its predecessor was taken again, has the time of that below zero.
create index refresh_tokens_kept on refresh_tokens (session_id, abs(replaced_at));
drop index refresh_tokens_session;
