//! Unread counts under random use, on a device with a socket, on one that polls, and without JavaScript: each is compared
//! with a count that is made from scratch.

use crate::harness::{Request, Server, Socket, TestUser, random_name};
use protocol::{
    event::Event,
    state::room_list::RoomList,
    sync::{Events, Snapshot},
};
use rand::random_range;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ROUNDS: usize = 12;
const ACTIONS: usize = 8;

/// A message as the test remembers it.
struct Sent {
    id: String,
    author: usize,
    deleted: bool,
}

/// What was sent, read and blocked; the users who read are in every room.
struct Model {
    rooms: Vec<(String, Vec<Sent>)>,
    /// For each user and room, how many messages are read.
    read: Vec<Vec<usize>>,
    blocks: BTreeSet<(usize, usize)>,
    /// Whether the visitor is in the public room.
    visiting: bool,
    /// What was done, to be shown if a count is wrong.
    log: Vec<String>,
}

impl Model {
    /// The count, message by message.
    fn unread(&self, user: usize, room: usize) -> i64 {
        let counts = |message: &&Sent| !message.deleted && !self.blocks.contains(&(user, message.author));
        let unread = self.rooms[room].1[self.read[user][room]..].iter().filter(counts).count();
        i64::try_from(unread).unwrap().min(100)
    }

    fn counts(&self, user: usize) -> Vec<i64> {
        (0..self.rooms.len()).map(|room| self.unread(user, room)).collect()
    }

    fn room_ids(&self) -> impl Iterator<Item = &str> {
        self.rooms.iter().map(|(id, _)| id.as_str())
    }
}

/// How a user acts.
#[derive(Clone, Copy, Debug)]
enum Device {
    Socket,
    Rest,
    Form,
}

/// A request of a browser without JavaScript.
fn browser_request(user: &TestUser, method: &str, path: &str) -> Request {
    let request = Request::new(&user.api, method, path).header("origin", &format!("http://{}", user.api.address));
    request.header("accept", "text/html").header("cookie", &format!("lair_access={}", user.access_token))
}

/// A form as a browser without JavaScript sends it.
async fn submit(user: &TestUser, name: &str, fields: String) {
    let request = browser_request(user, "POST", &format!("//do/{name}"));
    let response = request.body("application/x-www-form-urlencoded", fields).send().await;
    let location = response.header("location");
    assert!(response.status.is_redirection() && !location.contains("__err"), "{name}: {response:?}");
}

/// The counts that a page for users without JavaScript shows.
async fn page_counts(user: &TestUser, rooms: impl Iterator<Item = &str>) -> Vec<i64> {
    let page = browser_request(user, "GET", "//rooms/mine").send().await.text;
    let main = page.split("<main").nth(1).expect("the content of the page");
    let count = |room: &str| {
        let link = main.split(&format!("href=\"/rooms/{room}\"")).nth(1).expect("the room is on the page");
        let card = link.split("</li>").next().unwrap_or_default().replace("<!---->", "").replace("<!>", "");
        let before = card.split(" unread").next().filter(|before| before.len() < card.len());
        before.and_then(|text| text.rsplit('>').next()).map_or(0, |count| count.parse().expect("a number"))
    };
    rooms.map(count).collect()
}

/// A client that keeps a list of rooms by what it is told.
struct Client {
    list: RoomList,
    cursor: String,
}

impl Client {
    async fn new(user: &TestUser) -> Self {
        let snapshot: Snapshot = serde_json::from_value(user.get("/sync").expect(200).await).unwrap();
        Self { cursor: snapshot.cursor.to_string(), list: RoomList::new(&snapshot) }
    }

    fn counts<'a>(&self, rooms: impl Iterator<Item = &'a str>) -> Vec<i64> {
        let membership = |room: &str| self.list.room(room.parse().unwrap()).unwrap().membership.clone().unwrap();
        rooms.map(|room| membership(room).unread).collect()
    }

    /// Applies what a socket tells, up to a message with this id.
    async fn listen(&mut self, socket: &mut Socket, last: &str) {
        loop {
            let frame = socket.next().await;
            if let Ok(event) = serde_json::from_value::<Event>(frame.clone()) {
                self.list.apply(&event);
            }
            if frame["type"] == "message.created" && frame["data"]["id"] == last {
                return;
            }
        }
    }

    /// Applies what was missed since the last time.
    async fn poll(&mut self, user: &TestUser) {
        loop {
            let path = format!("/sync/events?after={}&wait=0", self.cursor);
            let events: Events = serde_json::from_value(user.get(&path).expect(200).await).unwrap();
            assert_eq!(events.reset, None);
            self.cursor = events.cursor.to_string();
            if events.items.is_empty() {
                return;
            }
            events.items.iter().for_each(|event| self.list.apply(event));
        }
    }
}

/// Does something at random, by the API, over a socket or with a form.
async fn act(
    model: &mut Model,
    users: &[TestUser],
    visitor: &TestUser,
    socket: &mut Socket,
    (user, device): (usize, Device),
) {
    let (caller, room) = (&users[user], random_range(0..model.rooms.len()));
    let (room_id, count) = (model.rooms[room].0.clone(), model.rooms[room].1.len());
    let action = random_range(0..15);
    let message = random_range(0..count.max(1));
    let id = model.rooms[room].1.get(message).map(|message| message.id.clone()).unwrap_or_default();
    model.log.push(format!("user {user} by {device:?}: action {action} in room {room}, message {message} of {count}"));
    match action {
        0..5 => {
            let body =
                json!({ "type": "message.send", "room_id": room_id, "body": "hello", "client_id": random_name() });
            let id = match device {
                Device::Socket => request(socket, body).await["message_id"].clone(),
                Device::Rest => caller.send_message(&room_id, "hello").await["id"].clone(),
                Device::Form => {
                    let fields = format!("room_id={room_id}&client_id={}&body=hello", random_name());
                    submit(caller, "send-message", fields).await;
                    let page = caller.get(&format!("/rooms/{room_id}/messages?limit=1")).expect(200).await;
                    page["items"][0]["id"].clone()
                }
            };
            model.rooms[room].1.push(Sent { id: id.as_str().unwrap().to_owned(), author: user, deleted: false });
            model.read[user][room] = count + 1;
        }
        5..7 if count > 0 && model.rooms[room].1[message].author == user => {
            match device {
                Device::Socket => drop(request(socket, json!({ "type": "message.delete", "message_id": id })).await),
                Device::Rest => drop(caller.delete(&format!("/messages/{id}")).expect(200).await),
                Device::Form => submit(caller, "delete-message", format!("room_id={room_id}&message_id={id}")).await,
            }
            model.rooms[room].1[message].deleted = true;
        }
        7..9 if count > 0 => {
            match device {
                Device::Socket => {
                    let mark = json!({ "type": "read.mark", "room_id": room_id, "message_id": id });
                    request(socket, mark).await;
                }
                Device::Rest => {
                    let path = format!("/rooms/{room_id}/read");
                    caller.put(&path, &json!({ "message_id": id })).expect(200).await;
                }
                Device::Form => submit(caller, "mark-read", format!("room_id={room_id}&message_id={id}")).await,
            }
            let read = &mut model.read[user][room];
            *read = (*read).max(message + 1);
        }
        9..11 if count > 0 => {
            match device {
                Device::Form => submit(caller, "mark-unread", format!("room_id={room_id}&message_id={id}")).await,
                // The socket has no command for it; the client uses the API.
                Device::Socket | Device::Rest => {
                    caller.request("POST", &format!("/messages/{id}/unread")).expect(200).await;
                }
            }
            let read = &mut model.read[user][room];
            *read = (*read).min(message);
        }
        11 => clear(model, caller, user, device, room).await,
        12..14 => {
            let other = (user + random_range(1..users.len())) % users.len();
            let block = action == 12;
            match device {
                Device::Form => {
                    let name = if block { "block-user" } else { "unblock-user" };
                    submit(caller, name, format!("user_id={}&next=/", users[other].id)).await;
                }
                Device::Socket | Device::Rest => {
                    let method = if block { "PUT" } else { "DELETE" };
                    caller.request(method, &format!("/users/{}/block", users[other].id)).expect(204).await;
                }
            }
            if block {
                model.blocks.insert((user, other))
            } else {
                model.blocks.remove(&(user, other))
            };
        }
        14 => {
            // Somebody else comes or goes, which is never unread.
            let path = if model.visiting { "leave" } else { "join" };
            let answer = visitor.request("POST", &format!("/rooms/{}/{path}", model.rooms[2].0)).send().await;
            assert!(answer.status.is_success(), "{answer:?}");
            model.visiting = !model.visiting;
        }
        _ => {}
    }
}

/// Marks everything read, and undoes it half of the times; without JavaScript, marks one room read.
async fn clear(model: &mut Model, caller: &TestUser, user: usize, device: Device, room: usize) {
    if matches!(device, Device::Form) {
        submit(caller, "clear-unread", format!("room_id={}", model.rooms[room].0)).await;
        model.read[user][room] = model.rooms[room].1.len();
        return;
    }
    let cleared = caller.post("/unread/clear", &json!({})).expect(200).await;
    if random_range(0..2) == 0 {
        caller.post("/unread/restore", &cleared).expect(204).await;
    } else {
        let heads = model.rooms.iter().map(|(_, messages)| messages.len());
        model.read[user] = heads.collect();
    }
}

/// Sends a command, over a socket of its own, so that no event is skipped.
async fn request(socket: &mut Socket, command: Value) -> Value {
    let answer = socket.request(command).await;
    assert_eq!(answer["type"], "ack", "{answer}");
    answer["data"].clone()
}

#[tokio::test]
async fn two_devices_and_one_without_javascript_count_what_is_unread_alike() {
    let server = Server::start().await;
    let [ada, mara, tomas, yuki] = server.create_users().await;
    let users = [ada, mara, tomas];
    let (den, hall) = (users[0].create_private_room("Den").await, users[0].create_public_room("Hall").await);
    for user in &users[1..] {
        users[0].add_member(&den, user).await;
        user.join(&hall).await;
    }
    let rooms = [users[0].lobby().await, den, hall];
    let mut model = Model {
        rooms: rooms.into_iter().map(|room| (room, Vec::new())).collect(),
        read: vec![vec![0; 3]; users.len()],
        blocks: BTreeSet::new(),
        visiting: false,
        log: Vec::new(),
    };
    let (mut commands, mut socket) = (users[1].listen(None).await, users[1].listen(None).await);
    socket.next_of_type("live").await;
    let (mut live, mut polling) = (Client::new(&users[1]).await, Client::new(&users[1]).await);
    // The one without JavaScript is compared with a client too.
    let mut other = Client::new(&users[2]).await;
    for _ in 0..ROUNDS {
        for _ in 0..ACTIONS {
            let actors = [(0, Device::Rest), (1, Device::Socket), (1, Device::Rest), (2, Device::Form)];
            act(&mut model, &users, &yuki, &mut commands, actors[random_range(0..actors.len())]).await;
        }
        // The last event of the round, for everyone.
        let last = users[0].send_message(&model.rooms[0].0, "last").await["id"].as_str().unwrap().to_owned();
        model.rooms[0].1.push(Sent { id: last.clone(), author: 0, deleted: false });
        model.read[0][0] = model.rooms[0].1.len();
        live.listen(&mut socket, &last).await;
        polling.poll(&users[1]).await;
        other.poll(&users[2]).await;
        let log = model.log.join("\n");
        assert_eq!(live.counts(model.room_ids()), model.counts(1), "the socket; {log}");
        assert_eq!(polling.counts(model.room_ids()), model.counts(1), "polling; {log}");
        assert_eq!(other.counts(model.room_ids()), model.counts(2), "polling; {log}");
        assert_eq!(page_counts(&users[2], model.room_ids()).await, model.counts(2), "without JavaScript; {log}");
        for (number, user) in users.iter().enumerate() {
            let expected = model.counts(number);
            let snapshot = Client::new(user).await;
            assert_eq!(snapshot.counts(model.room_ids()), expected, "the snapshot of user {number}; {log}");
            let listed = user.get("/unread").expect(200).await["rooms"].clone();
            let of = |room: &str| {
                let found = listed.as_array().unwrap().iter().find(|other| other["room_id"] == room);
                found.map_or(0, |room| room["unread"].as_i64().unwrap())
            };
            assert_eq!(model.room_ids().map(of).collect::<Vec<_>>(), expected, "the list of user {number}; {log}");
        }
        model.log.clear();
    }
}
