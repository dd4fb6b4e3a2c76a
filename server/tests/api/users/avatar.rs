use crate::harness::{Request, Server, TestUser, UNKNOWN_ID};
use futures::StreamExt;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use std::{
    io::Cursor,
    time::{Duration, Instant},
};

const BOUNDARY: &str = "----a-form-of-the-tests";

fn picture(shade: u8, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let image: DynamicImage =
        RgbImage::from_fn(90, 60, |x, y| Rgb([shade, x.to_be_bytes()[3], y.to_be_bytes()[3]])).into();
    image.write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn form_part(head: &str, content: &[u8]) -> Vec<u8> {
    [format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(), content, b"\r\n"].concat()
}

fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), format!("--{BOUNDARY}--\r\n").into_bytes()].concat()
}

fn send_form(user: &TestUser, form: impl Into<reqwest::Body>) -> Request {
    user.request("POST", "/users/avatar").body(&format!("multipart/form-data; boundary={BOUNDARY}"), form)
}

fn upload(user: &TestUser, file: &[u8]) -> Request {
    send_form(user, form(&[form_part("name=\"file\"; filename=\"me.png\"", file)]))
}

/// The path of an avatar for a request of the harness.
fn avatar_path(user: &Value) -> String {
    let url = user["avatar_url"].as_str().expect("a picture");
    assert!(url.starts_with("/api/v1/avatars/") && url.ends_with("/128"), "{url}");
    format!("/{url}")
}

async fn picture_of(user: &TestUser) -> Value {
    user.get(&format!("/users/{}", user.id)).expect(200).await["avatar_url"].clone()
}

#[tokio::test]
async fn an_avatar_appears_in_all_views_of_its_user() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let sent = ada.send_message(&lobby, "hello").await;
    let mut socket = mara.listen(None).await;
    for format in [ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Png] {
        let user = upload(&ada, &picture(1, format)).expect(200).await;
        let event = socket.next_of_type("user.updated").await;
        assert_eq!(event["data"]["avatar_url"], user["avatar_url"]);
        let response = mara.get(&avatar_path(&user)).send().await;
        assert!(matches!(response.content_type(), "image/webp" | "image/jpeg"), "{}", response.content_type());
        assert_eq!(response.header("cache-control"), "private, max-age=31536000, immutable");
        assert_eq!(response.header("x-content-type-options"), "nosniff");
        assert!(response.header("content-security-policy").contains("default-src 'none'"));
    }
    let avatar_url = picture_of(&ada).await;
    let message = mara.get(&format!("/messages/{}", sent["id"].as_str().unwrap())).expect(200).await;
    assert_eq!(message["author"]["avatar_url"], avatar_url);
    assert_eq!(mara.send_message(&lobby, "nice").await["author"]["avatar_url"], json!(null));
    assert_eq!(ada.send_message(&lobby, "thanks").await["author"]["avatar_url"], avatar_url);
    for size in ["64", "128", "512"] {
        let response = mara.get(&format!("/users/{}/avatar?size={size}", ada.id)).send().await;
        assert_eq!((response.status.as_u16(), response.content_type().starts_with("image/")), (200, true));
    }
    mara.get(&format!("/users/{}/avatar?size=100", ada.id)).expect_field_error("size", "invalid").await;
    let url = avatar_url.as_str().unwrap().trim_end_matches("128");
    for size in ["0", "100", "x", "-1", "99999999999"] {
        mara.get(&format!("/{url}{size}")).expect_error("not_found").await;
    }
}

#[tokio::test]
async fn a_replaced_avatar_is_deleted_unless_another_user_has_it() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let first = avatar_path(&upload(&ada, &picture(1, ImageFormat::Png)).expect(200).await);
    assert_eq!(avatar_path(&upload(&mara, &picture(1, ImageFormat::Png)).expect(200).await), first);
    let second = avatar_path(&upload(&ada, &picture(2, ImageFormat::Png)).expect(200).await);
    assert_eq!(mara.get(&first).send().await.status, 200);
    mara.delete("/users/avatar").expect(204).await;
    mara.delete("/users/avatar").expect(204).await;
    mara.get(&first).expect_error("not_found").await;
    assert_eq!(mara.get(&second).send().await.status, 200);
    ada.delete("/users/avatar").expect(204).await;
    mara.get(&second).expect_error("not_found").await;
    assert_eq!(picture_of(&ada).await, json!(null));
}

#[tokio::test]
async fn users_without_avatar_get_initials() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    ada.put("/users/profile", &json!({ "display_name": "<script> &Co" })).expect(200).await;
    let response = ada.get(&format!("/users/{}/avatar", ada.id)).send().await;
    assert_eq!((response.status.as_u16(), response.content_type()), (200, "image/svg+xml"));
    assert!(response.text.contains(">&lt;&amp;</text>"), "{}", response.text);
    assert!(response.header("content-security-policy").contains("default-src 'none'"));
    ada.put("/users/profile", &json!({ "display_name": "🇩🇪 Team" })).expect(200).await;
    let response = ada.get(&format!("/users/{}/avatar", ada.id)).send().await;
    assert!(response.text.contains(">🇩🇪T</text>"), "{}", response.text);
    ada.get(&format!("/users/{UNKNOWN_ID}/avatar")).expect_error("not_found").await;
}

#[tokio::test]
async fn file_name_and_declared_media_type_are_ignored() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let png = picture(1, ImageFormat::Png);
    for name in ["../../../etc/passwd", "..\\..\\boot.ini", "a.html", "/dev/null", "x%00.png", "\u{202E}gnp.exe", ""] {
        let head = format!("name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/html");
        send_form(&ada, form(&[form_part(&head, &png)])).expect(200).await;
    }
    for (content, code) in [
        (&b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"[..], "wrong_media_type"),
        (b"<html><script>alert(1)</script>", "wrong_media_type"),
        (b"#!/bin/sh", "wrong_media_type"),
        (b"GIF89a/*<script>alert(1)</script>*/=1;", "invalid"),
    ] {
        let head = "name=\"file\"; filename=\"me.png\"\r\nContent-Type: image/png";
        send_form(&ada, form(&[form_part(head, content)])).expect_error(code).await;
    }
}

#[tokio::test]
async fn a_script_appended_to_an_image_is_removed() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let polyglot = [picture(1, ImageFormat::Gif), b"<script>alert(document.domain)</script>".to_vec()].concat();
    let user = upload(&ada, &polyglot).expect(200).await;
    for size in ["64", "128", "512"] {
        let response = ada.get(&avatar_path(&user).replace("128", size)).send().await;
        assert!(response.content_type().starts_with("image/") && !response.text.contains("script"));
    }
}

#[tokio::test]
async fn invalid_images_are_rejected_and_change_nothing() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let png = picture(1, ImageFormat::Png);
    let mut bomb = png.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
    // The checksum of a header with a size of 50,000 × 50,000.
    let sum = bomb[12..29].iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    });
    bomb[29..33].copy_from_slice(&(!sum).to_be_bytes());
    let problem = upload(&ada, &bomb).expect_error("invalid").await;
    assert!(problem["detail"].as_str().unwrap().contains("pixels"), "{problem}");
    upload(&ada, &png[..png.len() / 2]).expect_field_error("file", "invalid").await;
    upload(&ada, b"").expect_field_error("file", "required").await;
    assert_eq!(picture_of(&ada).await, json!(null));
    let stored = upload(&ada, &png).expect(200).await["avatar_url"].clone();
    upload(&ada, b"hello").expect_error("wrong_media_type").await;
    assert_eq!(picture_of(&ada).await, stored);
}

#[tokio::test]
async fn oversized_files_are_rejected_however_they_are_sent() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    for length in [5 * 1024 * 1024 + 1, 9 * 1024 * 1024, 30 * 1024 * 1024] {
        let form = form(&[form_part("name=\"file\"", &vec![7; length])]);
        let chunks: Vec<_> = form.chunks(64 * 1024).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect();
        if length < 10 * 1024 * 1024 {
            send_form(&ada, form).expect_error("too_large").await;
            send_form(&ada, reqwest::Body::wrap_stream(futures::stream::iter(chunks))).expect_error("too_large").await;
        } else {
            let declared = send_form(&ada, form.clone()).header("expect", "100-continue");
            declared.expect_error("too_large").await;
            // Browsers do not send `Expect: 100-continue`: they read the response after the whole body was sent.
            send_form(&ada, form).expect_error("too_large").await;
        }
    }
    upload(&ada, &picture(1, ImageFormat::Png)).expect(200).await;
}

/// A form whose body never ends.
fn endless_body() -> reqwest::Body {
    let mut started = form(&[form_part("name=\"file\"; filename=\"me.png\"", &picture(1, ImageFormat::Png))]);
    started.truncate(200);
    let started = futures::stream::once(async { Ok::<_, std::io::Error>(started) });
    reqwest::Body::wrap_stream(started.chain(futures::stream::pending()))
}

#[tokio::test]
async fn unauthenticated_uploads_are_rejected_before_the_body() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let origin = format!("http://{}", server.api.address);
    for cookie in ["", "lair_access=nonsense; lair_refresh=nonsense"] {
        let (started, request) = (Instant::now(), server.post("//do/set-avatar").header("origin", &origin));
        let response = request.header("cookie", cookie).body(&kind, endless_body()).send().await;
        assert!(response.header("location").starts_with("/settings/profile?__path="), "{response:?}");
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    }
    let started = Instant::now();
    server.post("/users/avatar").body(&kind, endless_body()).expect_error("not_signed_in").await;
    let evil = server.post("//do/set-avatar").header("cookie", &format!("lair_access={}", ada.access_token));
    evil.header("origin", "https://evil.example").body(&kind, endless_body()).expect_error("cross_site").await;
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test]
async fn slow_uploads_block_only_their_own_user() {
    let server = Server::start().await;
    let mut sending = Vec::new();
    for n in 0..20 {
        let mara = server.create_user(&format!("mara{n}")).await;
        sending.push((
            tokio::spawn({
                let mara = mara.clone();
                async move { send_form(&mara, endless_body()).send().await }
            }),
            mara,
        ));
    }
    let ada = server.create_user("ada").await;
    for (_, mara) in &sending {
        // Until the previous upload has reached the server, this one succeeds; it is the same image.
        while upload(mara, &picture(1, ImageFormat::Png)).send().await.status == 200 {}
        upload(mara, &picture(1, ImageFormat::Png)).expect_error("busy").await;
    }
    upload(&ada, &picture(1, ImageFormat::Png)).expect(200).await;
    for (task, mara) in sending {
        task.abort();
        // After the connection was closed, another upload is accepted.
        while upload(&mara, &picture(1, ImageFormat::Png)).send().await.status != 200 {}
    }
}

#[tokio::test]
async fn invalid_forms_are_rejected() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let file = form_part("name=\"file\"; filename=\"me.png\"", &picture(1, ImageFormat::Png));
    send_form(&ada, form(&[])).expect_field_error("file", "required").await;
    send_form(&ada, form(&[file.clone(), file.clone()])).expect_field_error("file", "invalid").await;
    send_form(&ada, form(&[form_part("name=\"picture\"", b"x")])).expect_field_error("picture", "unknown").await;
    send_form(&ada, file.clone()).expect_error("malformed").await;
    send_form(&ada, "hello").expect_error("malformed").await;
    let request = |kind: &str| ada.request("POST", "/users/avatar").body(kind, file.clone());
    request("multipart/form-data").expect_error("malformed").await;
    for kind in ["application/json", "image/png", "application/x-www-form-urlencoded", "multipart/mixed; boundary=x"] {
        request(kind).expect_error("wrong_media_type").await;
    }
    ada.request("POST", "/users/avatar").expect_error("wrong_media_type").await;
}

#[tokio::test]
async fn the_upload_form_redirects_back_to_its_page() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let cookies = format!("lair_access={}", ada.access_token);
    let origin = format!("http://{}", server.api.address);
    let request = |origin: &str, file: &[u8]| {
        let request = server.post("//do/set-avatar").header("cookie", &cookies).header("origin", origin);
        request.body(&format!("multipart/form-data; boundary={BOUNDARY}"), form(&[form_part("name=\"file\"", file)]))
    };
    let response = request(&origin, &picture(1, ImageFormat::Png)).send().await;
    assert_eq!(
        (response.status.as_u16(), response.header("location")),
        (303, "/settings/profile?done=set-avatar#done")
    );
    assert_ne!(picture_of(&ada).await, json!(null));
    let response = request(&origin, b"hello").send().await;
    assert!(
        response.status == 303
            && response.header("location").starts_with("/settings/profile?__path=%2Fdo%2Fset-avatar&__err=")
    );
    request("https://evil.example", &picture(2, ImageFormat::Png)).expect_error("cross_site").await;
}
