-- A person's sessions that are not over are found without those that are.
create index sessions_live on sessions (user_id, id) where ended_at is null;

-- The guests, who are told one by one of whom they share a room with.
create index users_guests on users (id) where role = 'guest';
