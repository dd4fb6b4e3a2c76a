//! Where the screens meet the rules: `domain` implements [`Chat`], the server provides it (and [`Visitor`]) as context,
//! `app` calls it. REST and WebSocket call the same methods.

mod administration;
mod credentials;
mod people;
mod profiles;
mod room_invitations;
mod sign_ins;

pub use administration::Administration;
pub use credentials::Credentials;
pub use people::People;
pub use profiles::Profiles;
pub use room_invitations::RoomInvitations;
pub use sign_ins::SignIns;

use crate::{
    command::{AddMembers, CreateRoom, EditMessage, Login, MarkRead, Register, RoomFilter, SendMessage, Span},
    cursor::Cursor,
    error::{Error, Result},
    event::ReadMark,
    id::{ClientId, MessageId, RoomId, UserId},
    message::Message,
    page::{Created, Page, PageQuery},
    room::{AddedMembers, Member, Room},
    room_state::History,
    session::{Caller, Client, Tokens},
    sync::{Events, Snapshot},
    user::User,
};
use async_trait::async_trait;

/// Everything a caller can do. Each method checks what may fail because of the caller, then does it.
#[async_trait]
pub trait Chat: Credentials + SignIns + Profiles + People + Administration + RoomInvitations {
    /// Makes an account and signs it in. `key` recognises a repeat, which answers with a new sign-in if the password is
    /// right.
    async fn register(&self, client: &Client, command: Register, key: Option<ClientId>) -> Result<Created<Tokens>>;
    /// Signs in. A wrong name and a wrong password answer alike, in text and in time.
    async fn login(&self, client: &Client, command: Login) -> Result<Tokens>;
    /// Ends this sign-in: its tokens and its sockets.
    async fn logout(&self, caller: &Caller) -> Result<()>;
    /// Whether an account exists yet; until then the first sign-up makes the administrator.
    async fn has_accounts(&self) -> Result<bool>;
    /// Whether the first sign-up must give the set-up code.
    fn needs_setup_code(&self) -> bool;
    /// A seal for a text that goes through a browser: nobody else can make one. Good for some minutes.
    fn seal(&self, text: &str) -> Result<String>;
    /// Whether a seal is of this text.
    fn is_sealed(&self, text: &str, seal: &str) -> bool;

    /// What the caller sees, and where in the stream that is.
    async fn snapshot(&self, caller: &Caller) -> Result<Snapshot>;
    /// The events after a cursor, waiting up to `seconds` for one.
    async fn events(&self, caller: &Caller, after: Cursor, seconds: u64) -> Result<Events>;

    /// The caller, with what only they see.
    async fn me(&self, caller: &Caller) -> Result<User>;
    /// A person.
    async fn user(&self, caller: &Caller, id: UserId) -> Result<User>;
    /// A person by username.
    async fn user_named(&self, caller: &Caller, username: &str) -> Result<User>;

    /// Rooms by name.
    async fn rooms(&self, caller: &Caller, filter: RoomFilter, page: PageQuery) -> Result<Page<Room>>;
    /// A room that the caller is in or may find.
    async fn room(&self, caller: &Caller, id: RoomId) -> Result<Room>;
    /// Makes a room with the caller as its owner.
    async fn create_room(&self, caller: &Caller, command: CreateRoom, key: Option<ClientId>) -> Result<Created<Room>>;
    /// Enters a public room; who is in it already just gets it.
    async fn join(&self, caller: &Caller, id: RoomId) -> Result<Room>;
    /// Leaves a room.
    async fn leave(&self, caller: &Caller, id: RoomId) -> Result<()>;
    /// The people in a room, by name.
    async fn members(&self, caller: &Caller, id: RoomId, page: PageQuery) -> Result<Page<Member>>;
    /// Adds people: any member of a public room may, in a private one its owner and moderators. Who left it is invited.
    async fn add_members(&self, caller: &Caller, id: RoomId, command: AddMembers) -> Result<AddedMembers>;
    /// Shows someone out: the room's owner and moderators may.
    async fn remove_member(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<()>;
    /// Marks a room read up to a message; never backwards.
    async fn mark_read(&self, caller: &Caller, id: RoomId, command: MarkRead) -> Result<ReadMark>;

    /// A page of a room's messages.
    async fn history(&self, caller: &Caller, id: RoomId, span: Span, limit: u32) -> Result<History>;
    /// One message.
    async fn message(&self, caller: &Caller, id: MessageId) -> Result<Message>;
    /// Says something; answers once it is durably stored.
    async fn send(&self, caller: &Caller, room: RoomId, command: SendMessage) -> Result<Created<Message>>;
    /// Changes what the caller said.
    async fn edit(&self, caller: &Caller, id: MessageId, command: EditMessage) -> Result<Message>;
    /// Takes back what the caller said; a room's owner and moderators may take back anyone's.
    async fn delete(&self, caller: &Caller, id: MessageId) -> Result<Message>;
}

/// The browser behind a page or form: who it is, and the cookies it holds.
pub trait Visitor: Send + Sync + 'static {
    /// Who is signed in.
    fn caller(&self) -> Option<Caller>;
    /// Where the request comes from, and by what the browser is known.
    fn client(&self) -> Client;
    /// Gives the browser the proof of a sign-in.
    fn sign_in(&self, tokens: &Tokens);
    /// Takes it away.
    fn sign_out(&self);
    /// What the browser was given after the password, to come back with the code.
    fn step(&self) -> Option<String>;
    /// Gives the browser the proof that the password was right.
    fn ask_code(&self, step: String);
    /// A secret that a form has just made, for the page that comes next, and only for that.
    fn shown(&self) -> Option<String>;
    /// Gives the next page such a secret: letters, digits, `_`, `-` and `.` only.
    fn show_once(&self, secret: &str);
    /// Notes why a page or form was refused, for the log.
    fn refused(&self, error: &Error);
}
