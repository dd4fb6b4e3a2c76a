-- How many notifications a person has not read stands beside their name.
create index notifications_unread on notifications (user_id) where read_at is null;
