//! Letters on their way: neither strangers nor a mail server that is slow keep them from others.

use crate::{
    credentials::{address, caller, forgot, verified, with_mail},
    post_office::{Manners, PostOffice},
    world::{PASSWORD, World, sign_up},
};
use protocol::{
    command::{Register, VerifyEmail},
    error::Code,
    port::prelude::*,
    session::Client,
};
use std::time::Instant;

on_both_databases! {
    a_stranger_cannot_fill_a_mailbox
    letters_that_verify_keep_none_away_that_set_a_password
    what_cannot_be_sent_leaves_the_last_link_good
    a_letter_that_is_refused_is_sent_again
    a_mail_server_that_says_nothing_holds_up_nobody
    letters_that_wait_hold_up_nobody
    an_address_that_nobody_verified_gets_no_link_to_the_account
}

async fn a_stranger_cannot_fill_a_mailbox(mut w: World) {
    let office = PostOffice::open().await;
    let service = with_mail(&mut w, &office).await;
    verified(&service, &office, "ada", "ada@example.org").await;
    verified(&service, &office, "mara", "mara@example.org").await;
    for _ in 0..20 {
        service.forgot_password(forgot("ada")).await.unwrap();
    }
    // The letters that verify the address are counted apart.
    for _ in 0..5 {
        office.find("ada@example.org", "Set a new password").await;
    }
    service.forgot_password(forgot("mara")).await.unwrap();
    assert_eq!(office.next().await.to, ["mara@example.org"]);
}

async fn letters_that_verify_keep_none_away_that_set_a_password(mut w: World) {
    let office = PostOffice::open().await;
    let service = with_mail(&mut w, &office).await;
    verified(&service, &office, "ada", "ada@example.org").await;
    let mallory = w.person("mallory").await;
    for n in 0..8 {
        let tried = service.set_email(&mallory, address("Ada@example.org", PASSWORD)).await;
        assert_eq!(tried.is_ok(), n < 4, "{n} {tried:?}");
    }
    service.forgot_password(forgot("ada")).await.unwrap();
    office.find("ada@example.org", "Set a new password").await;
}

async fn what_cannot_be_sent_leaves_the_last_link_good(mut w: World) {
    let office = PostOffice::open().await;
    let service = with_mail(&mut w, &office).await;
    let command = Register { email: Some("ada@example.org".into()), ..sign_up("ada") };
    let tokens = service.register(&Client::default(), command, None).await.unwrap().thing;
    let ada = caller(&service, &tokens).await;
    let mut last = office.next().await.token();
    for _ in 0..4 {
        service.resend_verification(&ada).await.unwrap();
        last = office.next().await.token();
    }
    assert_eq!(service.resend_verification(&ada).await.unwrap_err().code, Code::Busy);
    service.verify_email(VerifyEmail { token: last }).await.unwrap();
}

async fn a_letter_that_is_refused_is_sent_again(mut w: World) {
    let office = PostOffice::with(Manners::RefusesFirst(1)).await;
    let service = with_mail(&mut w, &office).await;
    verified(&service, &office, "ada", "ada@example.org").await;
    assert!(office.calls() >= 2);
}

async fn a_mail_server_that_says_nothing_holds_up_nobody(mut w: World) {
    let office = PostOffice::with(Manners::IgnoresFirst(1)).await;
    let service = with_mail(&mut w, &office).await;
    let command = Register { email: Some("ada@example.org".into()), ..sign_up("ada") };
    let begun = Instant::now();
    let tokens = service.register(&Client::default(), command, None).await.unwrap().thing;
    service.resend_verification(&caller(&service, &tokens).await).await.unwrap();
    assert!(begun.elapsed().as_secs() < 5);
    // The others go past it.
    office.find("ada@example.org", "Confirm your e-mail address").await;
}

async fn letters_that_wait_hold_up_nobody(mut w: World) {
    let office = PostOffice::open().await;
    let ada = w.person("ada").await;
    let service = with_mail(&mut w, &office).await;
    for n in 0..20 {
        service.set_email(&ada, address(&format!("{n}@later.example"), PASSWORD)).await.unwrap();
    }
    service.set_email(&ada, address("ada@example.org", PASSWORD)).await.unwrap();
    office.find("ada@example.org", "Confirm your e-mail address").await;
}

async fn an_address_that_nobody_verified_gets_no_link_to_the_account(mut w: World) {
    let office = PostOffice::open().await;
    let mara = w.person("mara").await;
    w.service.set_email(&mara, address("mistyped@example.org", PASSWORD)).await.unwrap();
    let service = with_mail(&mut w, &office).await;
    for login in ["mara", "mistyped@example.org"] {
        service.forgot_password(forgot(login)).await.unwrap();
    }
    verified(&service, &office, "ada", "ada@example.org").await;
    service.forgot_password(forgot("ada")).await.unwrap();
    let letter = office.next().await;
    assert_eq!(
        (letter.to, w.count("select count(*) from links where kind = 'reset'").await),
        (vec!["ada@example.org".into()], 1)
    );
}
