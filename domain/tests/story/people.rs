use crate::world::TestApp;
use protocol::account::AccountStatus;
use protocol::command::Deactivate;
use protocol::command::SearchUsers;
use protocol::command::UpdateProfile;
use protocol::error::Code;
use protocol::page::Page;
use protocol::port::prelude::*;
use protocol::room::Visibility;
use protocol::session::Caller;
use protocol::user::User;

on_both_databases! {
    search_matches_prefixes_and_ignores_case_and_accents
    the_best_match_comes_first
    search_pages_stay_consistent_while_users_are_added
    search_tolerates_one_typo
    deactivated_users_are_not_found
    search_finds_the_new_name_and_not_the_old_one
    unused_prefixes_are_removed_from_the_search_index
    prefixes_survive_concurrent_renames_on_several_nodes
    guests_find_only_users_who_share_a_room
    names_stored_before_the_search_index_are_indexed_at_start
    invalid_searches_are_rejected
}

fn find(query: &str) -> SearchUsers {
    SearchUsers { query: query.into(), limit: None, cursor: None }
}

async fn page(w: &TestApp, caller: &Caller, command: SearchUsers) -> Page<User> {
    w.service.search_users(caller, command).await.unwrap()
}

async fn names(w: &TestApp, caller: &Caller, query: &str) -> Vec<String> {
    page(w, caller, find(query)).await.items.into_iter().map(|user| user.username).collect()
}

async fn search_matches_prefixes_and_ignores_case_and_accents(w: TestApp) {
    let ada = w.create_user_named("ada", "Ada Lovelace").await;
    w.create_user_named("tomas.n", "Tomás Núñez").await;
    w.create_user_named("Łukasz", "Łukasz Żółć").await;
    w.create_user_named("straße", "Rosa O’Brien").await;
    for (query, name) in [
        ("tomas", "tomas.n"),
        ("NUÑEZ", "tomas.n"),
        ("nu to", "tomas.n"),
        ("@tomas.n", "tomas.n"),
        ("n", "tomas.n"),
        ("zolc luk", "Łukasz"),
        ("strasse", "straße"),
        ("o'brien", "straße"),
        ("love", "ada"),
        ("Ada Lovelace", "ada"),
    ] {
        assert_eq!(names(&w, &ada, query).await, [name], "{query}");
    }
    for query in ["lace", "ada nunez", "!", "%", "_", "%da", "\u{1F98A}"] {
        assert!(names(&w, &ada, query).await.is_empty(), "{query}");
    }
    assert_eq!(names(&w, &ada, "").await, ["ada", "Łukasz", "straße", "tomas.n"]);
}

async fn the_best_match_comes_first(w: TestApp) {
    let ada = w.create_user_named("ada", "Zoe").await;
    w.create_user_named("adamant", "Bo").await;
    w.create_user_named("xia", "Adam Smith").await;
    w.create_user_named("yuki", "Adam Jones").await;
    w.create_user_named("wen", "Adele Bo Adamson").await;
    w.create_user_named("vera", "Asam Lind").await;
    assert_eq!(names(&w, &ada, "ada").await, ["ada", "adamant", "yuki", "xia", "wen"]);
    assert_eq!(names(&w, &ada, "adam").await, ["adamant", "yuki", "xia", "wen", "ada", "vera"]);
    assert_eq!(names(&w, &ada, "adam smith").await, ["xia"]);
}

async fn search_pages_stay_consistent_while_users_are_added(w: TestApp) {
    let ada = w.create_user_named("ada", "Ada").await;
    for n in 0..7 {
        w.create_user_named(&format!("mara{n}"), &format!("Person {n}")).await;
        w.create_user_named(&format!("nils{n}"), &format!("Mara {n}")).await;
        w.create_user_named(&format!("olga{n}"), &format!("Mare {n}")).await;
    }
    let all = names(&w, &ada, "mara").await;
    assert_eq!(all.len(), 21);
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let found = page(&w, &ada, SearchUsers { limit: Some(2), cursor, ..find("mara") }).await;
        assert!(found.items.len() <= 2);
        seen.extend(found.items.into_iter().map(|user| user.username));
        // Whoever comes and goes meanwhile shifts nobody.
        w.create_user_named(&format!("mara0{}", seen.len()), "Mara 0").await;
        cursor = found.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    seen.retain(|name| all.contains(name));
    assert_eq!(seen, all);
}

async fn search_tolerates_one_typo(w: TestApp) {
    let ada = w.create_user_named("ada", "Ada Lovelace").await;
    w.create_user_named("mara", "Mara Okafor").await;
    w.create_user_named("li", "Li Wei").await;
    for query in ["lovelaec", "lovlace", "lvelace", "lowelace", "loveelace", "olvelace", "lovlac", "adaa", "adda"] {
        assert_eq!(names(&w, &ada, query).await, ["ada"], "{query}");
    }
    for query in ["okaofr", "mara okaf0r", "mrra okafor", "okafr maar"] {
        assert_eq!(names(&w, &ada, query).await, ["mara"], "{query}");
    }
    for query in ["aad", "vlelaec", "lovellacce", "lii", "wie"] {
        assert!(names(&w, &ada, query).await.is_empty(), "{query}");
    }
}

async fn deactivated_users_are_not_found(w: TestApp) {
    let ada = w.create_user_named("ada", "Ada").await;
    let mara = w.create_user_named("mara", "Mara Okafor").await;
    let password = crate::world::PASSWORD.to_owned();
    w.service.deactivate(&mara, Deactivate { password }).await.unwrap();
    for query in ["mara", "okafor", "maar", ""] {
        assert!(!names(&w, &ada, query).await.contains(&"mara".to_owned()), "{query}");
    }
    assert!(w.service.user_named(&ada, "mara").await.unwrap().deactivated);
}

async fn search_finds_the_new_name_and_not_the_old_one(w: TestApp) {
    let ada = w.create_user_named("ada", "Ada Byron").await;
    let change = UpdateProfile { display_name: Some("Ada Lovelace".into()), ..UpdateProfile::default() };
    w.service.update_profile(&ada, change).await.unwrap();
    assert_eq!(names(&w, &ada, "love").await, ["ada"]);
    assert!(names(&w, &ada, "byron").await.is_empty());
}

async fn rename(service: &domain::Service, who: &Caller, name: &str) {
    let change = UpdateProfile { display_name: Some(name.into()), ..UpdateProfile::default() };
    service.update_profile(who, change).await.unwrap();
}

async fn unused_prefixes_are_removed_from_the_search_index(w: TestApp) {
    let ada = w.create_user_named("ada", "Ada Lovelace").await;
    let mara = w.create_user_named("mara", "Mara Lovel").await;
    let indexed_prefixes = async || {
        let mut prefixes = Vec::new();
        for (stem, query) in [
            ("love", "select count(*) from search_typos where prefix = 'love'"),
            ("lovel", "select count(*) from search_typos where prefix = 'lovel'"),
            ("lovela", "select count(*) from search_typos where prefix = 'lovela'"),
            ("mara", "select count(*) from search_typos where prefix = 'mara'"),
        ] {
            prefixes.extend((w.count(query).await > 0).then_some(stem));
        }
        prefixes
    };
    assert_eq!(indexed_prefixes().await, ["love", "lovel", "lovela", "mara"]);
    rename(&w.service, &ada, "Ada Byron").await;
    assert_eq!(indexed_prefixes().await, ["love", "lovel", "mara"]);
    assert_eq!(names(&w, &ada, "lovle").await, ["mara"]);
    let status = |status| protocol::command::SetAccountStatus { status };
    w.service.set_account_status(&ada, mara.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    assert_eq!(indexed_prefixes().await, [""; 0]);
    w.service.set_account_status(&ada, mara.user_id, status(AccountStatus::Active)).await.unwrap();
    assert_eq!(indexed_prefixes().await, ["love", "lovel", "mara"]);
    assert_eq!(names(&w, &ada, "lovle").await, ["mara"]);
}

async fn prefixes_survive_concurrent_renames_on_several_nodes(w: TestApp) {
    let (ada, mara) = (w.create_user_named("ada", "Lovelace").await, w.create_user_named("mara", "Okafor").await);
    let other = if w.settings.database_url.is_some() { w.start_node().await } else { w.service.clone() };
    for turn in 0..20 {
        let (hers, theirs) = if turn % 2 == 0 { ("Okafor", "Lovelace") } else { ("Lovelace", "Okafor") };
        tokio::join!(rename(&w.service, &ada, hers), rename(&other, &mara, theirs));
        let found = [names(&w, &ada, "lovelcae").await, names(&w, &ada, "okafro").await];
        let expected = if turn % 2 == 0 { [["mara"], ["ada"]] } else { [["ada"], ["mara"]] };
        assert_eq!(found, expected, "{turn}");
    }
}

async fn guests_find_only_users_who_share_a_room(w: TestApp) {
    let ada = w.create_user_named("ada", "Ada").await;
    let mara = w.create_user_named("mara", "Mara").await;
    w.create_user_named("marek", "Marek").await;
    let tokens = w.register("guest").await;
    let den = w.create_room(&mara, "den", Visibility::Private).await;
    w.execute("update users set role = 'guest' where username = 'guest'").await;
    w.execute("delete from members where user_id = (select id from users where username = 'guest')").await;
    let guest = w.service.authenticate(&tokens.access_token).await.unwrap();
    assert_eq!(names(&w, &guest, "mar").await, [""; 0]);
    assert_eq!(w.service.user(&guest, mara.user_id).await.unwrap_err().code, Code::NotFound);
    w.add_member(&mara, den.id, &guest).await.unwrap();
    assert_eq!(names(&w, &guest, "mar").await, ["mara"]);
    assert_eq!(names(&w, &guest, "marra").await, ["mara"]);
    assert_eq!(names(&w, &guest, "").await, ["guest", "mara"]);
    assert_eq!(w.service.user_named(&guest, "MARA").await.unwrap().id, mara.user_id);
    for name in ["ada", "marek", "nobody"] {
        assert_eq!(w.service.user_named(&guest, name).await.unwrap_err().code, Code::NotFound, "{name}");
    }
    assert_eq!(w.service.user(&guest, guest.user_id).await.unwrap().username, "guest");
    w.service.remove_member(&mara, den.id, guest.user_id).await.unwrap();
    assert_eq!(w.service.user(&guest, mara.user_id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(names(&w, &ada, "mar").await, ["mara", "marek"]);
}

async fn names_stored_before_the_search_index_are_indexed_at_start(w: TestApp) {
    let ada = w.create_user_named("ada", "Ada Lovelace").await;
    w.execute("delete from search_words").await;
    w.execute("update users set search_key_version = 0").await;
    assert!(names(&w, &ada, "love").await.is_empty());
    let restarted = w.start_node().await;
    while restarted.search_users(&ada, find("love")).await.unwrap().items.is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(names(&w, &ada, "lovelaec").await, ["ada"]);
}

async fn invalid_searches_are_rejected(w: TestApp) {
    let ada = w.create_user("ada").await;
    let code = async |command| w.service.search_users(&ada, command).await.unwrap_err().code;
    assert_eq!(code(find(&"x".repeat(101))).await, Code::Invalid);
    assert_eq!(code(find("a\0b")).await, Code::Invalid);
    for cursor in ["", "x", "7b7d", "6e756c6c", "é", "abc"] {
        assert_eq!(
            code(SearchUsers { cursor: Some(cursor.into()), ..find("a") }).await,
            Code::InvalidCursor,
            "{cursor}"
        );
    }
    // Whatever the words, the search ends.
    let words = "abcd efgh ijkl mnop qrst uvwx yzab cdef ghij klmn opqr stuv wxyz abce fghi jklm nopq rst";
    assert!(names(&w, &ada, words).await.is_empty());
}
