//! Contents of the export archive.

use crate::{
    accounts::export::ChunkWriter,
    events::view::ViewContext,
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
/// Bytes per chunk.
const CHUNK_SIZE: usize = 32 * 1024;

/// The time of the entries, in UTC. A ZIP file has no time zones, and no years before 1980.
fn zip_time(at: Time) -> zip::DateTime {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    jiff::tz::TimeZone::UTC.to_datetime(at).try_into().unwrap_or_default()
}

type Zip = ZipWriter<StreamWriter<BufWriter<ChunkWriter>>>;

/// Archive of one user.
pub struct Archive {
    db: Db,
    user: UserId,
    view: ViewContext,
    writer: ChunkWriter,
    zip: Zip,
}

impl Archive {
    pub fn new(db: Db, user: UserId, view: ViewContext, writer: ChunkWriter) -> Self {
        let zip = ZipWriter::new_stream(BufWriter::with_capacity(CHUNK_SIZE, writer.clone()));
        Self { db, user, view, writer, zip }
    }

    /// Writes the whole archive.
    pub fn write(mut self) -> io::Result<()> {
        self.start_file("README.txt")?;
        self.zip.write_all(README.as_bytes())?;
        self.account()?;
        self.sign_in()?;
        self.sessions()?;
        self.invitations()?;
        self.room_invitations()?;
        self.rooms()?;
        self.notifications()?;
        let blocks = self.read(export::list_blocks(&self.db, self.user))?;
        self.write_json("blocks.json", &blocks)?;
        self.avatar()?;
        self.zip.finish()?.into_inner().flush()
    }

    fn read<T>(&self, query: impl Future<Output = sqlx::Result<T>>) -> io::Result<T> {
        // Many rows may be read without anything being written.
        self.writer.check_reader()?;
        self.writer.handle.block_on(query).map_err(io::Error::other)
    }

    fn start_file(&mut self, name: &str) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip_time(self.view.at));
        Ok(self.zip.start_file(name, options)?)
    }

    fn write_json(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        self.start_file(name)?;
        Ok(serde_json::to_writer_pretty(&mut self.zip, value)?)
    }

    fn write_lines(&mut self, values: &[impl Serialize]) -> io::Result<()> {
        for value in values {
            serde_json::to_writer(&mut self.zip, value)?;
            self.zip.write_all(b"\n")?;
        }
        Ok(())
    }

    fn account(&mut self) -> io::Result<()> {
        let row = self.read(store::users::find(&self.db, self.user))?;
        let row = row.ok_or_else(|| io::Error::other("the account no longer exists"))?;
        let settings = row.settings();
        let mut account = serde_json::to_value(row.into_self(&self.view))?;
        account.as_object_mut().map(|account| account.remove("settings"));
        self.write_json("account.json", &account)?;
        let profile = self.read(store::users::find_profile(&self.db, self.user))?;
        self.write_json("profile.json", &profile.map(|row| row.profile(self.view.at)))?;
        self.write_json("settings.json", &settings)
    }

    fn sign_in(&mut self) -> io::Result<()> {
        let row = self.read(export::find_credentials(&self.db, self.user))?;
        let used = self.read(export::list_recovery_code_uses(&self.db, self.user))?;
        let devices = self.read(export::list_devices(&self.db, self.user))?;
        let mut sign_in = serde_json::to_value(row)?;
        sign_in["recovery_codes_used_at"] = json!(used);
        sign_in["known_devices_seen_at"] = json!(devices);
        self.write_json("sign_in.json", &sign_in)
    }

    fn invitations(&mut self) -> io::Result<()> {
        let mut last = None;
        loop {
            let rows = self.read(export::list_account_invitations(&self.db, self.user, last))?;
            if last.is_none() {
                self.start_file("invitations.jsonl")?;
            }
            self.write_lines(&rows)?;
            last = rows.last().map(|row| row.id);
            if is_last(rows.len()) {
                return Ok(());
            }
        }
    }

    fn room_invitations(&mut self) -> io::Result<()> {
        self.start_file("room_invitations.jsonl")?;
        let mut last = None;
        loop {
            let rows = self.read(export::list_room_invitations(&self.db, self.user, last))?;
            self.write_lines(&rows)?;
            last = rows.last().map(|row| row.id);
            if is_last(rows.len()) {
                return Ok(());
            }
        }
    }

    fn sessions(&mut self) -> io::Result<()> {
        self.start_file("sessions.jsonl")?;
        let mut last = None;
        loop {
            let rows = self.read(export::list_sessions(&self.db, self.user, last))?;
            self.write_lines(&rows)?;
            last = rows.last().map(|row| row.id);
            if is_last(rows.len()) {
                return Ok(());
            }
        }
    }

    fn rooms(&mut self) -> io::Result<()> {
        self.start_file("rooms.jsonl")?;
        let (mut last, mut room_heads) = (None, Vec::new());
        loop {
            let rows = self.read(export::list_memberships(&self.db, self.user, last))?;
            self.write_lines(&rows)?;
            room_heads.extend(rows.iter().map(|row| (row.id, row.head)));
            last = rows.last().map(|row| row.id);
            if is_last(rows.len()) {
                break;
            }
        }
        for (room, head) in room_heads {
            let (mut file_started, mut last_seq) = (false, 0);
            while last_seq < head {
                let (rows, read_to) = self.read(export::list_messages(&self.db, room, self.user, last_seq, head))?;
                if !file_started && !rows.is_empty() {
                    self.start_file(&format!("messages/{room}.jsonl"))?;
                    file_started = true;
                }
                self.write_lines(&rows)?;
                last_seq = read_to;
            }
        }
        Ok(())
    }

    fn notifications(&mut self) -> io::Result<()> {
        self.start_file("notifications.jsonl")?;
        let mut last = None;
        loop {
            let rows = self.read(export::list_notifications(&self.db, self.user, last))?;
            for row in &rows {
                let notice = RawValue::from_string(row.notice.clone())?;
                let (at, read_at): (Time, Option<Time>) = (row.created_at, row.read_at);
                let line = json!({ "id": row.id, "created_at": at, "read_at": read_at, "notice": notice });
                self.write_lines(&[line])?;
            }
            last = rows.last().map(|row| row.id);
            if is_last(rows.len()) {
                return Ok(());
            }
        }
    }

    fn avatar(&mut self) -> io::Result<()> {
        let Some((kind, bytes)) = self.read(export::find_avatar(&self.db, self.user))? else { return Ok(()) };
        let ending = if kind == "image/jpeg" { "jpg" } else { "webp" };
        self.start_file(&format!("files/picture.{ending}"))?;
        self.zip.write_all(&bytes)
    }
}

/// Whether a page with this many rows is the last.
fn is_last(rows: usize) -> bool {
    i64::try_from(rows).unwrap_or(i64::MAX) < PAGE
}
