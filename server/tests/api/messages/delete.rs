use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn the_place_stays_and_the_words_are_gone() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let lobby = ada.lobby().await;
    let message = mara.say(&lobby, "never mind").await;
    let path = format!("/messages/{}", message["id"].as_str().unwrap());
    let gone = mara.delete(&path).expect(200).await;
    assert_eq!(
        (&gone["deleted"], &gone["body"], &gone["html"], &gone["seq"]),
        (&json!(true), &json!(""), &json!(""), &json!(1))
    );
    assert_eq!(mara.delete(&path).expect(200).await, gone);
    assert_eq!(ada.get(&path).expect(200).await, gone);
}

#[tokio::test]
async fn by_its_author_or_who_keeps_the_peace() {
    let server = Server::start().await;
    let [_, mara, tomas, yuki] = server.people().await;
    let kitchen = mara.room("Kitchen").await;
    tomas.join(&kitchen).await;
    let message = tomas.say(&kitchen, "hello").await;
    let path = format!("/messages/{}", message["id"].as_str().unwrap());
    yuki.delete(&path).refused("not_found").await;
    yuki.join(&kitchen).await;
    yuki.delete(&path).refused("forbidden").await;
    mara.delete(&path).expect(200).await;
}
