//! A minimal SMTP server that collects the received emails.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::{Mutex, mpsc},
};

/// An SMTP server on a free local port.
pub struct SmtpServer {
    pub url: String,
    emails: Mutex<mpsc::UnboundedReceiver<Email>>,
    connections: Arc<AtomicU32>,
}

/// How the server treats connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Accepts every email.
    Accept,
    /// Rejects this many connections before it accepts an email.
    RejectFirst(u32),
    /// Never responds to this many connections.
    HangFirst(u32),
}

/// A received email.
#[derive(Clone, Debug)]
pub struct Email {
    pub from: String,
    pub to: Vec<String>,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl SmtpServer {
    pub async fn start() -> Self {
        Self::start_with(Behaviour::Accept).await
    }

    pub async fn start_with(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (received, emails) = mpsc::unbounded_channel();
        let connections = Arc::new(AtomicU32::new(0));
        let counted = connections.clone();
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let number = counted.fetch_add(1, Ordering::SeqCst);
                let received = received.clone();
                tokio::spawn(async move { handle_connection(stream, behaviour, number, &received).await });
            }
        });
        Self { url, emails: Mutex::new(emails), connections }
    }

    /// Waits for the next email.
    pub async fn next_email(&self) -> Email {
        let mut emails = self.emails.lock().await;
        tokio::time::timeout(Duration::from_secs(30), emails.recv()).await.expect("an email in time").unwrap()
    }

    /// Waits for an email to this address with this subject; others are discarded.
    pub async fn wait_for(&self, to: &str, subject: &str) -> Email {
        loop {
            let email = self.next_email().await;
            if email.to == [to] && email.header("Subject") == subject {
                return email;
            }
        }
    }

    /// The number of connections so far.
    pub fn connection_count(&self) -> u32 {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn handle_connection(
    stream: TcpStream,
    behaviour: Behaviour,
    number: u32,
    received: &mpsc::UnboundedSender<Email>,
) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let (mut from, mut to) = (String::new(), Vec::new());
    match behaviour {
        Behaviour::RejectFirst(count) if number < count => {
            drop(writer.write_all(b"421 not now\r\n").await);
            return;
        }
        Behaviour::HangFirst(count) if number < count => return std::future::pending().await,
        _ => writer.write_all(b"220 test server\r\n").await.unwrap(),
    }
    while let Ok(Some(line)) = lines.next_line().await {
        let path = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let reply: &[u8] = match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => b"250-here\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n",
            "MAIL" => {
                from = path();
                b"250 ok\r\n"
            }
            // Mailboxes of this domain defer delivery.
            "RCPT" if path().ends_with("@later.example") => b"450 later\r\n",
            "RCPT" => {
                to.push(path());
                b"250 ok\r\n"
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await.unwrap();
                let mut text = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    text += line.strip_prefix('.').unwrap_or(&line);
                    text.push('\n');
                }
                drop(received.send(Email::parse(from.clone(), std::mem::take(&mut to), &text)));
                b"250 taken\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"500 what?\r\n",
        };
        if writer.write_all(reply).await.is_err() {
            return;
        }
    }
}

impl Email {
    fn parse(from: String, to: Vec<String>, text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in head.lines() {
            match (line.starts_with([' ', '\t']), line.split_once(": ")) {
                (true, _) => headers.last_mut().unwrap().1 += line,
                (false, Some((name, value))) => headers.push((name.to_owned(), value.to_owned())),
                (false, None) => panic!("not a header: {line}"),
            }
        }
        let mut email = Self { from, to, headers, body: body.to_owned() };
        match email.header("Content-Transfer-Encoding") {
            "quoted-printable" => email.body = decode_quoted_printable(body),
            encoding => assert!(["7bit", "8bit", ""].contains(&encoding), "{encoding}"),
        }
        email
    }

    /// The header with this name; panics if there are several.
    pub fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name));
        let value = found.next().map(|(_, value)| value.as_str()).unwrap_or_default();
        assert!(found.next().is_none(), "two headers {name}: {:?}", self.headers);
        value
    }

    /// The only link in the body.
    pub fn link(&self) -> &str {
        let mut links = self.body.split_whitespace().filter(|word| word.contains("://"));
        let link = links.next().unwrap_or_else(|| panic!("no link in {}", self.body));
        assert!(links.next().is_none(), "more than one link in {}", self.body);
        link
    }

    /// The token in the link.
    pub fn token(&self) -> String {
        self.link().split_once("token=").expect("a token").1.to_owned()
    }
}

/// Decodes quoted-printable text (RFC 2045, 6.7).
fn decode_quoted_printable(text: &str) -> String {
    let mut bytes = Vec::new();
    let text = text.replace("=\n", "");
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'=' {
            let code = std::str::from_utf8(&rest[..2]).unwrap();
            bytes.push(u8::from_str_radix(code, 16).unwrap());
            rest = &rest[2..];
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}
