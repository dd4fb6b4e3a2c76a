//! Slow requests do not block others.

use crate::harness::{Server, server::ApiClient};
use server::config::RawConfig;
use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{advance, interval, pause, resume, timeout},
};

/// More than the number of pages rendered concurrently.
const SLOW_FORMS: usize = 66;
/// Longer than any request takes that is not blocked by a slow one.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends the head of a form request.
async fn begin_form(api: &ApiClient) -> TcpStream {
    begin_form_to(api, "/do/auth/sign-in", "").await
}

async fn begin_form_to(api: &ApiClient, path: &str, header: &str) -> TcpStream {
    let mut stream = TcpStream::connect(api.address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nExpect: 100-continue\r\n{header}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 99999\r\n\r\nlogin=",
        api.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// Whether the server requests the rest of the form.
async fn receives_continue(stream: &mut TcpStream) -> bool {
    let mut head = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    let read = timeout(TIMEOUT, stream.read_exact(&mut head)).await;
    matches!(read, Ok(Ok(_))) && head.starts_with(b"HTTP/1.1 100 ")
}

#[tokio::test]
async fn slow_forms_do_not_block_pages() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let mut forms = Vec::new();
    for _ in 0..SLOW_FORMS {
        forms.push(begin_form(&server.api).await);
    }
    let continued = futures::future::join_all(forms.iter_mut().map(receives_continue)).await;
    let room = format!("//rooms/{}", ada.lobby().await);
    for page in [server.get("//sign-in"), ada.get(&room), server.get("//sign-in"), ada.get(&room)] {
        for form in &mut forms {
            form.write_all(b"a").await.unwrap();
        }
        let page = timeout(TIMEOUT, page.header("accept", "text/html").send()).await;
        assert_eq!(page.expect("a page while slow forms are pending").status, 200);
    }
    assert!(continued.into_iter().all(|continued| continued), "some slow forms block the others");
}

/// The response to a client that continues sending until the connection is closed.
async fn read_response_while_sending(mut stream: TcpStream) -> String {
    let (mut reader, mut writer) = stream.split();
    let (mut response, mut some) = (Vec::new(), [0; 1024]);
    let mut ticks = interval(Duration::from_millis(20));
    loop {
        tokio::select! {
            read = reader.read(&mut some) => match read {
                Ok(bytes @ 1..) => response.extend_from_slice(&some[..bytes]),
                Ok(0) | Err(_) => return String::from_utf8(response).unwrap(),
            },
            // Fails once the server has closed the connection; the response can still be read.
            _ = ticks.tick() => drop(writer.write_all(b"a").await),
        }
    }
}

#[tokio::test]
async fn silent_connections_of_one_network_are_limited() {
    let raw = RawConfig {
        rate_limits: Some("on".into()),
        limit_address_connections: Some("3".into()),
        ..RawConfig::default()
    };
    let mut server = Server::start_with(raw).await;
    let closed =
        async |stream: &mut TcpStream| matches!(timeout(TIMEOUT, stream.read(&mut [0])).await, Ok(Ok(0) | Err(_)));
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(TcpStream::connect(server.api.address).await.unwrap());
    }
    let mut refused = TcpStream::connect(server.api.address).await.unwrap();
    assert!(closed(&mut refused).await, "a fourth connection is closed at once");
    // Closing one frees a slot; the server notices it within a moment.
    silent.pop();
    while server.try_get("/health").await.is_none() {}
    drop(silent);
    // The connections of a trusted proxy are those of all its users.
    server.raw.trusted_proxies = Some(vec!["127.0.0.1".into()]);
    server.restart().await;
    let mut many = Vec::new();
    for _ in 0..5 {
        many.push(TcpStream::connect(server.api.address).await.unwrap());
    }
    server.get("/health").expect(200).await;
}

#[tokio::test]
async fn a_connection_that_sends_nothing_is_closed_soon() {
    let server = Server::start().await;
    let (started, mut silent) = (Instant::now(), TcpStream::connect(server.api.address).await.unwrap());
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
    // A connection that has begun a request has half a minute.
    assert!((5..20).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[tokio::test]
async fn requests_that_arrive_too_slowly_time_out() {
    let server = Server::start_with(RawConfig { time_limit: Some("1s".into()), ..RawConfig::default() }).await;
    let mut forms = Vec::new();
    for _ in 0..SLOW_FORMS {
        forms.push(begin_form(&server.api).await);
    }
    let responses = futures::future::join_all(forms.into_iter().map(read_response_while_sending));
    for response in timeout(TIMEOUT, responses).await.expect("the connections are closed") {
        assert!(response.contains("HTTP/1.1 408 ") && response.contains("\"timed_out\""), "{response}");
    }
}

#[tokio::test]
async fn a_request_that_takes_longer_than_half_a_minute_times_out() {
    let server = Server::start().await;
    let mut form = begin_form(&server.api).await;
    // Its time runs since the server began to read it.
    assert!(receives_continue(&mut form).await);
    pause();
    advance(Duration::from_secs(29)).await;
    resume();
    server.get("/health").expect(200).await;
    let early = form.try_read(&mut [0]).map_err(|error| error.kind());
    assert_eq!(early, Err(ErrorKind::WouldBlock), "half a minute has not passed");
    pause();
    advance(Duration::from_secs(1)).await;
    resume();
    let response = timeout(TIMEOUT, read_response_while_sending(form)).await.expect("a response");
    assert!(response.starts_with("HTTP/1.1 408 ") && response.contains("\"timed_out\""), "{response}");
}

#[tokio::test]
async fn the_api_rejects_forms_without_waiting_for_the_body() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let header = format!("Authorization: Bearer {}\r\n", ada.access_token);
    let form = begin_form_to(&server.api, "/api/v1/rooms", &header).await;
    let response =
        timeout(TIMEOUT, read_response_while_sending(form)).await.expect("a response before the form is complete");
    assert!(response.starts_with("HTTP/1.1 415 "), "{response}");
}

#[tokio::test]
async fn an_incomplete_form_is_not_a_server_error() {
    let server = Server::start().await;
    let mut form = begin_form(&server.api).await;
    form.shutdown().await.unwrap();
    let mut response = String::new();
    // It does not matter whether the client still gets a response.
    drop(timeout(TIMEOUT, form.read_to_string(&mut response)).await.expect("the connection is closed"));
    assert!(!response.contains("HTTP/1.1 500 ") && !response.contains("HTTP/1.1 3"), "{response}");
}
