//! Lines of which the newer replaces the older; the commands that cause the others are tested in `tests/story`.

use super::{ActivitySubject, record};
use crate::{
    Clock, Service, ServiceOptions,
    error::CommandError,
    events::ledger::{Actor, Command, CommandContext},
    store::Tx,
};
use async_trait::async_trait;
use protocol::{
    command::{HistoryRange, Register},
    credentials::Registration,
    id::{RoomId, UserId},
    message::MessageKind,
    port::prelude::*,
    session::Client,
};

struct SetTopic {
    room: RoomId,
    user: UserId,
    topic: &'static str,
    /// Milliseconds from now.
    later: i64,
}

#[async_trait]
impl Command for SetTopic {
    type Output = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        ctx.at = ctx.at.plus(self.later);
        let subject = ActivitySubject::Text(self.topic.to_owned());
        record(tx, ctx, self.room, MessageKind::Topic, self.user, subject).await
    }
}

async fn register(service: &Service, username: &str) -> UserId {
    let command = Register {
        username: username.into(),
        email: None,
        password: "correct horse battery".into(),
        display_name: None,
        setup_code: None,
        invitation: None,
    };
    service.register_user(&Client::default(), command, None).await.expect("an account").value.user.id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_most_one_line_per_user_and_minute_is_about_the_topic() {
    let data = tempfile::tempdir().expect("a folder");
    let options = ServiceOptions {
        data_dir: data.path().to_owned(),
        database_url: None,
        feed_url: None,
        jwt_secret: Some("a secret of the tests that is long enough".into()),
        data_key: None,
        setup_code: None,
        throttle_logins: true,
        public_url: "https://chat.example.org".into(),
        mail: None,
        registration: Registration::Open,
        event_retention: 1_000_000,
        session_idle: 1_000_000,
        session_lifetime: 1_000_000,
    };
    let service = Service::start_at(options, Clock::default()).await.expect("a service");
    let (ada, mara) = (register(&service, "ada").await, register(&service, "mara").await);
    let room = service.lobby;
    for (user, topic, later) in [(ada, "one", 0), (ada, "two", 0), (mara, "three", 0), (ada, "four", 61_000)] {
        service.ledger.write(Actor::System, SetTopic { room, user, topic, later }).await.expect("a line");
    }
    let login = protocol::command::Login { login: "ada".into(), password: "correct horse battery".into(), totp: None };
    let tokens = service.login_user(&Client::default(), login).await.expect("a session");
    let caller = service.authenticate(&tokens.access_token).await.expect("a caller");
    let history = service.list_messages(&caller, room, HistoryRange::Latest, 50).await.expect("messages").items;
    let topics = history.iter().filter(|line| line.kind == MessageKind::Topic);
    let lines: Vec<_> = topics.map(|line| (line.author.username.as_str(), line.body.as_str(), line.version)).collect();
    assert_eq!(lines, [("ada", "two", 2), ("mara", "three", 1), ("ada", "four", 1)]);
}
