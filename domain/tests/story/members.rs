use crate::world::{PASSWORD, World};
use protocol::{
    command::{AddMember, Deactivate, MarkRead},
    error::Code,
    page::PageQuery,
    port::{Chat, People},
    room::Visibility,
};

on_both_databases! {
    the_owner_of_a_private_room_brings_people_in_and_shows_them_out
    members_are_listed_by_name
    reading_goes_only_forward
    who_speaks_has_read
}

async fn the_owner_of_a_private_room_brings_people_in_and_shows_them_out(w: World) {
    let (ada, mara, yuki) = (w.person("ada").await, w.person("mara").await, w.person("yuki").await);
    let den = w.room(&ada, "den", Visibility::Private).await.id;
    let add = |who: &protocol::session::Caller| AddMember { user_id: who.user_id };
    assert!(w.service.add_member(&ada, den, add(&mara)).await.unwrap().new);
    assert!(!w.service.add_member(&ada, den, add(&mara)).await.unwrap().new);
    assert_eq!(w.service.add_member(&mara, den, add(&yuki)).await.unwrap_err().code, Code::Forbidden);
    let nobody = AddMember { user_id: protocol::id::UserId(w.clock.id()) };
    assert_eq!(w.service.add_member(&ada, den, nobody).await.unwrap_err().code, Code::NotFound);
    // Who has left the service is nobody either, whether they were in the room or not.
    let tomas = w.person("tomas").await;
    w.service.add_member(&ada, den, add(&tomas)).await.unwrap();
    for who in [&yuki, &tomas] {
        w.service.deactivate(who, Deactivate { password: PASSWORD.into() }).await.unwrap();
        assert_eq!(w.service.add_member(&ada, den, add(who)).await.unwrap_err().code, Code::NotFound);
    }
    assert_eq!(w.service.remove_member(&mara, den, ada.user_id).await.unwrap_err().code, Code::Forbidden);
    w.service.remove_member(&ada, den, mara.user_id).await.unwrap();
    assert_eq!(w.service.remove_member(&ada, den, mara.user_id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(w.service.room(&mara, den).await.unwrap_err().code, Code::NotFound);
}

async fn members_are_listed_by_name(w: World) {
    let ada = w.person("ada").await;
    for name in ["yuki", "Mara", "tomas"] {
        w.person(name).await;
    }
    let lobby = w.lobby(&ada).await.id;
    let first = w.service.members(&ada, lobby, PageQuery { limit: 3, cursor: None }).await.unwrap();
    let rest = PageQuery { limit: 3, cursor: first.next_cursor.clone() };
    let rest = w.service.members(&ada, lobby, rest).await.unwrap();
    let names: Vec<_> = first.items.iter().chain(&rest.items).map(|m| m.user.username.as_str()).collect();
    assert_eq!(names, ["ada", "Mara", "tomas", "yuki"]);
    assert_eq!(rest.next_cursor, None);
}

async fn reading_goes_only_forward(w: World) {
    let (ada, mara) = (w.person("ada").await, w.person("mara").await);
    let lobby = w.lobby(&ada).await.id;
    let one = w.say(&ada, lobby, "one").await;
    let two = w.say(&ada, lobby, "two").await;
    let unread = async || w.lobby(&mara).await.membership.unwrap().unread;
    assert_eq!(unread().await, 2);
    let read = async |id| w.service.mark_read(&mara, lobby, MarkRead { message_id: id }).await;
    assert_eq!(read(two.id).await.unwrap().read_seq, 2);
    assert_eq!(read(one.id).await.unwrap().read_seq, 2);
    assert_eq!(unread().await, 0);
    let elsewhere = w.room(&ada, "den", Visibility::Public).await.id;
    let other = w.say(&ada, elsewhere, "elsewhere").await;
    assert_eq!(read(other.id).await.unwrap_err().code, Code::NotFound);
}

async fn who_speaks_has_read(w: World) {
    let (ada, mara) = (w.person("ada").await, w.person("mara").await);
    let lobby = w.lobby(&ada).await.id;
    w.say(&ada, lobby, "one").await;
    w.say(&mara, lobby, "two").await;
    assert_eq!(w.lobby(&mara).await.membership.unwrap().unread, 0);
    assert_eq!(w.lobby(&ada).await.membership.unwrap().unread, 1);
}
