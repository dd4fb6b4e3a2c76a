//! What is in the file.

use super::Pipe;
use crate::{
    sight::Sight,
    store::{
        self, Db,
        export::{self, PAGE},
    },
};
use protocol::{id::UserId, time::Time};
use serde::Serialize;
use serde_json::{json, value::RawValue};
use std::io::{self, BufWriter, Write};
use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

const README: &str = include_str!("README.txt");
/// Bytes handed on at once.
const PIECE: usize = 32 * 1024;

type Zip = ZipWriter<StreamWriter<BufWriter<Pipe>>>;

/// The file of one person.
pub struct Archive {
    db: Db,
    user: UserId,
    sight: Sight,
    pipe: Pipe,
    zip: Zip,
}

impl Archive {
    pub fn new(db: Db, user: UserId, sight: Sight, pipe: Pipe) -> Self {
        let zip = ZipWriter::new_stream(BufWriter::with_capacity(PIECE, pipe.clone()));
        Self { db, user, sight, pipe, zip }
    }

    /// Writes all of it.
    pub fn write(mut self) -> io::Result<()> {
        self.begin("README.txt")?;
        self.zip.write_all(README.as_bytes())?;
        self.person()?;
        self.sign_in()?;
        self.sessions()?;
        self.invitations()?;
        self.room_invitations()?;
        self.rooms()?;
        self.notifications()?;
        let blocks = self.read(export::list_blocks(&self.db, self.user))?;
        self.json("blocks.json", &blocks)?;
        self.picture()?;
        self.zip.finish()?.into_inner().flush()
    }

    fn read<T>(&self, query: impl Future<Output = sqlx::Result<T>>) -> io::Result<T> {
        // Much may be read of which nothing is written.
        self.pipe.check()?;
        self.pipe.handle.block_on(query).map_err(io::Error::other)
    }

    fn begin(&mut self, name: &str) -> io::Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        Ok(self.zip.start_file(name, options)?)
    }

    fn json(&mut self, name: &str, thing: &impl Serialize) -> io::Result<()> {
        self.begin(name)?;
        Ok(serde_json::to_writer_pretty(&mut self.zip, thing)?)
    }

    fn lines(&mut self, things: &[impl Serialize]) -> io::Result<()> {
        for thing in things {
            serde_json::to_writer(&mut self.zip, thing)?;
            self.zip.write_all(b"\n")?;
        }
        Ok(())
    }

    fn person(&mut self) -> io::Result<()> {
        let row = self.read(store::users::find(&self.db, self.user))?;
        let row = row.ok_or_else(|| io::Error::other("the account is gone"))?;
        let settings = row.settings();
        let mut account = serde_json::to_value(row.own(&self.sight))?;
        account.as_object_mut().map(|account| account.remove("settings"));
        self.json("account.json", &account)?;
        let profile = self.read(store::users::find_profile(&self.db, self.user))?;
        self.json("profile.json", &profile.map(|row| row.profile(self.sight.at)))?;
        self.json("settings.json", &settings)
    }

    fn sign_in(&mut self) -> io::Result<()> {
        let row = self.read(export::find_sign_in(&self.db, self.user))?;
        let used = self.read(export::list_recoveries(&self.db, self.user))?;
        let seen = self.read(export::list_devices(&self.db, self.user))?;
        let mut sign_in = serde_json::to_value(row)?;
        sign_in["recovery_codes_used_at"] = json!(used);
        sign_in["known_devices_seen_at"] = json!(seen);
        self.json("sign_in.json", &sign_in)
    }

    fn invitations(&mut self) -> io::Result<()> {
        let mut last = None;
        loop {
            let rows = self.read(export::list_invitations(&self.db, self.user, last))?;
            if last.is_none() {
                self.begin("invitations.jsonl")?;
            }
            self.lines(&rows)?;
            last = rows.last().map(|row| row.id);
            if is_last(rows.len()) {
                return Ok(());
            }
        }
    }

    fn room_invitations(&mut self) -> io::Result<()> {
        self.begin("room_invitations.jsonl")?;
        let mut last = None;
        loop {
            let rows = self.read(export::list_room_invitations(&self.db, self.user, last))?;
            self.lines(&rows)?;
            last = rows.last().map(|row| row.id);
            if is_last(rows.len()) {
                return Ok(());
            }
        }
    }

    fn sessions(&mut self) -> io::Result<()> {
        self.begin("sessions.jsonl")?;
        let mut last = None;
        loop {
            let rows = self.read(export::list_sessions(&self.db, self.user, last))?;
            self.lines(&rows)?;
            last = rows.last().map(|row| row.id);
            if is_last(rows.len()) {
                return Ok(());
            }
        }
    }

    fn rooms(&mut self) -> io::Result<()> {
        self.begin("rooms.jsonl")?;
        let (mut last, mut spoken_in) = (None, Vec::new());
        loop {
            let rows = self.read(export::list_rooms(&self.db, self.user, last))?;
            self.lines(&rows)?;
            spoken_in.extend(rows.iter().map(|row| (row.id, row.head)));
            last = rows.last().map(|row| row.id);
            if is_last(rows.len()) {
                break;
            }
        }
        for (room, head) in spoken_in {
            let (mut begun, mut seen) = (false, 0);
            while seen < head {
                let (rows, until) = self.read(export::list_said(&self.db, room, self.user, seen, head))?;
                if !begun && !rows.is_empty() {
                    self.begin(&format!("messages/{room}.jsonl"))?;
                    begun = true;
                }
                self.lines(&rows)?;
                seen = until;
            }
        }
        Ok(())
    }

    fn notifications(&mut self) -> io::Result<()> {
        self.begin("notifications.jsonl")?;
        let mut last = None;
        loop {
            let rows = self.read(export::list_notices(&self.db, self.user, last))?;
            for row in &rows {
                let notice = RawValue::from_string(row.notice.clone())?;
                let (at, read_at): (Time, Option<Time>) = (row.created_at, row.read_at);
                let line = json!({ "id": row.id, "created_at": at, "read_at": read_at, "notice": notice });
                self.lines(&[line])?;
            }
            last = rows.last().map(|row| row.id);
            if is_last(rows.len()) {
                return Ok(());
            }
        }
    }

    fn picture(&mut self) -> io::Result<()> {
        let Some((kind, bytes)) = self.read(export::find_picture(&self.db, self.user))? else { return Ok(()) };
        let ending = if kind == "image/jpeg" { "jpg" } else { "webp" };
        self.begin(&format!("files/picture.{ending}"))?;
        self.zip.write_all(&bytes)
    }
}

/// Whether a page of so many rows is the last.
fn is_last(rows: usize) -> bool {
    i64::try_from(rows).unwrap_or(i64::MAX) < PAGE
}
