use crate::world::{PASSWORD, World, sign_up};
use protocol::{
    command::{Deactivate, Login},
    error::Code,
    id::ClientId,
    port::prelude::*,
    session::Client,
};

on_both_databases! {
    who_leaves_is_signed_out_everywhere
    who_left_is_told_so_only_with_the_right_password
    the_last_administrator_stays
    two_administrators_do_not_both_leave
}

fn leave(password: &str) -> Deactivate {
    Deactivate { password: password.into() }
}

async fn who_leaves_is_signed_out_everywhere(w: World) {
    let ada = w.person("ada").await;
    let (here, there) = (w.sign_up("mara").await, crate::leaving::sign_in(&w, "mara").await.unwrap());
    let mara = w.service.authenticate(&here.access_token).await.unwrap();
    let lobby = w.lobby(&ada).await.id;
    w.say(&mara, lobby, "goodbye").await;
    let mut listener = w.service.listen(&mara, None).await.unwrap();
    for wrong in ["", "not the password", &"x".repeat(100_000)] {
        let error = w.service.deactivate(&mara, leave(wrong)).await.unwrap_err();
        assert_eq!((error.code, error.errors[0].field.as_str()), (Code::PasswordNeeded, "password"));
    }
    w.service.deactivate(&mara, leave(PASSWORD)).await.unwrap();
    while listener.next(&mut Vec::new()).await.is_ok() {}
    for tokens in [&here, &there] {
        let gone = async || w.service.authenticate(&tokens.access_token).await.is_err();
        while !gone().await {
            tokio::task::yield_now().await;
        }
        let renewed = w.service.refresh(&Client::default(), &tokens.refresh_token, domain::Holder::Api).await;
        assert_eq!(renewed.unwrap_err().code, Code::InvalidRefreshToken);
    }
    let history = w.service.history(&ada, lobby, protocol::command::Span::Latest, 10).await.unwrap();
    assert_eq!(history.items[0].author.display_name, "mara");
    assert!(w.service.user(&ada, mara.user_id).await.unwrap().deactivated);
}

async fn sign_in(w: &World, name: &str) -> protocol::Result<protocol::session::Tokens> {
    w.service.login(&Client::default(), Login { login: name.into(), password: PASSWORD.into(), totp: None }).await
}

async fn who_left_is_told_so_only_with_the_right_password(w: World) {
    w.person("ada").await;
    let key = Some(ClientId("once".into()));
    let made = w.service.register(&Client::default(), sign_up("mara"), key.clone()).await.unwrap().thing;
    let mara = w.service.authenticate(&made.access_token).await.unwrap();
    w.service.deactivate(&mara, leave(PASSWORD)).await.unwrap();
    let wrong = Login { login: "mara".into(), password: "not the password".into(), totp: None };
    let nobody = Login { login: "nobody".into(), ..wrong.clone() };
    let refusal = async |login| w.service.login(&Client::default(), login).await.unwrap_err();
    assert_eq!(refusal(wrong).await, refusal(nobody).await);
    assert_eq!(sign_in(&w, "mara").await.unwrap_err().code, Code::Deactivated);
    let again = w.service.register(&Client::default(), sign_up("mara"), key).await.unwrap_err();
    assert_eq!(again.code, Code::Deactivated);
}

async fn the_last_administrator_stays(w: World) {
    let ada = w.person("ada").await;
    w.person("mara").await;
    assert_eq!(w.service.deactivate(&ada, leave(PASSWORD)).await.unwrap_err().code, Code::LastAdmin);
    sign_in(&w, "ada").await.unwrap();
    w.execute("update users set role = 'admin' where username = 'mara'").await;
    w.service.deactivate(&ada, leave(PASSWORD)).await.unwrap();
    let mara = sign_in(&w, "mara").await.unwrap();
    let mara = w.service.authenticate(&mara.access_token).await.unwrap();
    assert_eq!(w.service.deactivate(&mara, leave(PASSWORD)).await.unwrap_err().code, Code::LastAdmin);
}

async fn two_administrators_do_not_both_leave(w: World) {
    let (ada, mara) = (w.person("ada").await, w.person("mara").await);
    w.execute("update users set role = 'admin'").await;
    let other = if w.settings.database_url.is_some() { w.another().await } else { w.service.clone() };
    let (one, two) =
        tokio::join!(w.service.deactivate(&ada, leave(PASSWORD)), other.deactivate(&mara, leave(PASSWORD)));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|left| **left).count(), 1);
}
