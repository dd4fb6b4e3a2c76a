use crate::harness::TestApp;
use protocol::{
    account::AccountStatus,
    command::{Deactivate, SearchUsers, UpdateProfile},
    error::Code,
    page::Page,
    port::prelude::*,
    room::Visibility,
    session::Caller,
    user::User,
};

on_both_databases! {
    search_matches_prefixes_and_ignores_case_and_accents
    names_in_scripts_without_spaces_are_found_by_any_part
    signs_alone_find_nobody_and_emoji_find_names_with_them
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

async fn page(app: &TestApp, caller: &Caller, command: SearchUsers) -> Page<User> {
    app.service.search_users(caller, command).await.unwrap()
}

async fn names(app: &TestApp, caller: &Caller, query: &str) -> Vec<String> {
    page(app, caller, find(query)).await.items.into_iter().map(|user| user.username).collect()
}

async fn search_matches_prefixes_and_ignores_case_and_accents(app: TestApp) {
    let ada = app.create_user_named("ada", "Ada Lovelace").await;
    app.create_user_named("tomas.n", "Tomás Núñez").await;
    app.create_user_named("Łukasz", "Łukasz Żółć").await;
    app.create_user_named("straße", "Rosa O’Brien").await;
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
        assert_eq!(names(&app, &ada, query).await, [name], "{query}");
    }
    for query in ["lace", "ada nunez", "!", "%", "_", "%da", "\u{1F98A}"] {
        assert!(names(&app, &ada, query).await.is_empty(), "{query}");
    }
    assert_eq!(names(&app, &ada, "").await, ["ada", "Łukasz", "straße", "tomas.n"]);
}

async fn names_in_scripts_without_spaces_are_found_by_any_part(app: TestApp) {
    let ada = app.create_user_named("ada", "Ada").await;
    for (username, name) in [
        ("taro", "田中太郎"),
        ("hanako", "山田花子"),
        ("xiaoming", "王小明"),
        ("chulsoo", "김철수"),
        ("sakura", "さくらいももこ"),
        ("somchai", "สมชายใจดี"),
        ("keo", "ແກ້ວມະນີ"),
        ("sok", "សុខសាន្ត"),
        ("aung", "အောင်ဆန်း"),
        ("鈴木一郎", "Ichiro"),
    ] {
        app.create_user_named(username, name).await;
    }
    for (query, username) in [
        ("太郎", "taro"),
        ("郎 田", "taro"),
        ("花子", "hanako"),
        ("小明", "xiaoming"),
        ("明", "xiaoming"),
        ("철수", "chulsoo"),
        ("\u{110e}\u{1165}\u{11af}", "chulsoo"),
        ("ももこ", "sakura"),
        ("ใจดี", "somchai"),
        ("ມະນີ", "keo"),
        ("សាន្ត", "sok"),
        ("ဆန်း", "aung"),
        ("一郎", "鈴木一郎"),
    ] {
        assert_eq!(names(&app, &ada, query).await, [username], "{query}");
    }
    // Names that begin with it come first; then those that have it somewhere.
    app.create_user_named("kobo", "太郎丸").await;
    assert_eq!(names(&app, &ada, "太郎").await, ["kobo", "taro"]);
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let found = page(&app, &ada, SearchUsers { limit: Some(1), cursor, ..find("郎") }).await;
        seen.extend(found.items.into_iter().map(|user| user.username));
        cursor = found.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, ["kobo", "taro", "鈴木一郎"]);
    // The words of other scripts are found from their beginnings only.
    for query in ["ichi ro", "hiro", "子 太郎"] {
        assert!(names(&app, &ada, query).await.is_empty(), "{query}");
    }
}

async fn signs_alone_find_nobody_and_emoji_find_names_with_them(app: TestApp) {
    let ada = app.create_user_named("ada", "Ada 🔥").await;
    app.create_user_named("mara", "Mara👍🏽🚀").await;
    for query in ["'", "’", "\"", "@'", "🦊"] {
        assert!(names(&app, &ada, query).await.is_empty(), "{query}");
    }
    for (query, name) in
        [("🔥", "ada"), ("👍", "mara"), ("👍🏿", "mara"), ("🚀", "mara"), ("a\u{200b}da", "ada"), ("\u{feff}@ada", "ada")]
    {
        assert_eq!(names(&app, &ada, query).await, [name], "{query}");
    }
    assert_eq!(names(&app, &ada, "@").await, ["ada", "mara"]);
}

async fn the_best_match_comes_first(app: TestApp) {
    let ada = app.create_user_named("ada", "Zoe").await;
    app.create_user_named("adamant", "Bo").await;
    app.create_user_named("xia", "Adam Smith").await;
    app.create_user_named("yuki", "Adam Jones").await;
    app.create_user_named("wen", "Adele Bo Adamson").await;
    app.create_user_named("vera", "Asam Lind").await;
    assert_eq!(names(&app, &ada, "ada").await, ["ada", "adamant", "yuki", "xia", "wen"]);
    assert_eq!(names(&app, &ada, "adam").await, ["adamant", "yuki", "xia", "wen", "ada", "vera"]);
    assert_eq!(names(&app, &ada, "adam smith").await, ["xia"]);
}

async fn search_pages_stay_consistent_while_users_are_added(app: TestApp) {
    let ada = app.create_user_named("ada", "Ada").await;
    for n in 0..7 {
        app.create_user_named(&format!("mara{n}"), &format!("Person {n}")).await;
        app.create_user_named(&format!("nils{n}"), &format!("Mara {n}")).await;
        app.create_user_named(&format!("olga{n}"), &format!("Mare {n}")).await;
    }
    let all = names(&app, &ada, "mara").await;
    assert_eq!(all.len(), 21);
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let found = page(&app, &ada, SearchUsers { limit: Some(2), cursor, ..find("mara") }).await;
        assert!(found.items.len() <= 2);
        seen.extend(found.items.into_iter().map(|user| user.username));
        // Users added meanwhile do not shift the pages.
        app.create_user_named(&format!("mara0{}", seen.len()), "Mara 0").await;
        cursor = found.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    seen.retain(|name| all.contains(name));
    assert_eq!(seen, all);
}

async fn search_tolerates_one_typo(app: TestApp) {
    let ada = app.create_user_named("ada", "Ada Lovelace").await;
    app.create_user_named("mara", "Mara Okafor").await;
    app.create_user_named("li", "Li Wei").await;
    for query in ["lovelaec", "lovlace", "lvelace", "lowelace", "loveelace", "olvelace", "lovlac", "adaa", "adda"] {
        assert_eq!(names(&app, &ada, query).await, ["ada"], "{query}");
    }
    for query in ["okaofr", "mara okaf0r", "mrra okafor", "okafr maar"] {
        assert_eq!(names(&app, &ada, query).await, ["mara"], "{query}");
    }
    for query in ["aad", "vlelaec", "lovellacce", "lii", "wie"] {
        assert!(names(&app, &ada, query).await.is_empty(), "{query}");
    }
}

async fn deactivated_users_are_not_found(app: TestApp) {
    let ada = app.create_user_named("ada", "Ada").await;
    let mara = app.create_user_named("mara", "Mara Okafor").await;
    let password = crate::harness::PASSWORD.to_owned();
    app.service.deactivate_user(&mara, Deactivate { password }).await.unwrap();
    for query in ["mara", "okafor", "maar", ""] {
        assert!(!names(&app, &ada, query).await.contains(&"mara".to_owned()), "{query}");
    }
    assert!(app.service.find_user(&ada, "mara").await.unwrap().deactivated);
}

async fn search_finds_the_new_name_and_not_the_old_one(app: TestApp) {
    let ada = app.create_user_named("ada", "Ada Byron").await;
    let change = UpdateProfile { display_name: Some("Ada Lovelace".into()), ..UpdateProfile::default() };
    app.service.update_profile(&ada, change).await.unwrap();
    assert_eq!(names(&app, &ada, "love").await, ["ada"]);
    assert!(names(&app, &ada, "byron").await.is_empty());
}

async fn rename(service: &domain::Service, caller: &Caller, name: &str) {
    let change = UpdateProfile { display_name: Some(name.into()), ..UpdateProfile::default() };
    service.update_profile(caller, change).await.unwrap();
}

async fn unused_prefixes_are_removed_from_the_search_index(app: TestApp) {
    let ada = app.create_user_named("ada", "Ada Lovelace").await;
    let mara = app.create_user_named("mara", "Mara Lovel").await;
    let indexed_prefixes = async || {
        let mut prefixes = Vec::new();
        for (stem, query) in [
            ("love", "select count(*) from search_typos where prefix = 'love'"),
            ("lovel", "select count(*) from search_typos where prefix = 'lovel'"),
            ("lovela", "select count(*) from search_typos where prefix = 'lovela'"),
            ("mara", "select count(*) from search_typos where prefix = 'mara'"),
        ] {
            prefixes.extend((app.count(query).await > 0).then_some(stem));
        }
        prefixes
    };
    assert_eq!(indexed_prefixes().await, ["love", "lovel", "lovela", "mara"]);
    rename(&app.service, &ada, "Ada Byron").await;
    assert_eq!(indexed_prefixes().await, ["love", "lovel", "mara"]);
    assert_eq!(names(&app, &ada, "lovle").await, ["mara"]);
    let status = |status| protocol::command::SetAccountStatus { status };
    app.service.set_account_status(&ada, mara.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    assert_eq!(indexed_prefixes().await, [""; 0]);
    app.service.set_account_status(&ada, mara.user_id, status(AccountStatus::Active)).await.unwrap();
    assert_eq!(indexed_prefixes().await, ["love", "lovel", "mara"]);
    assert_eq!(names(&app, &ada, "lovle").await, ["mara"]);
}

async fn prefixes_survive_concurrent_renames_on_several_nodes(app: TestApp) {
    let (ada, mara) = (app.create_user_named("ada", "Lovelace").await, app.create_user_named("mara", "Okafor").await);
    let other = if app.settings.database_url.is_some() { app.start_node().await } else { app.service.clone() };
    for turn in 0..20 {
        let (ada_name, mara_name) = if turn % 2 == 0 { ("Okafor", "Lovelace") } else { ("Lovelace", "Okafor") };
        tokio::join!(rename(&app.service, &ada, ada_name), rename(&other, &mara, mara_name));
        let found = [names(&app, &ada, "lovelcae").await, names(&app, &ada, "okafro").await];
        let expected = if turn % 2 == 0 { [["mara"], ["ada"]] } else { [["ada"], ["mara"]] };
        assert_eq!(found, expected, "{turn}");
    }
}

async fn guests_find_only_users_who_share_a_room(app: TestApp) {
    let ada = app.create_user_named("ada", "Ada").await;
    let mara = app.create_user_named("mara", "Mara").await;
    app.create_user_named("marek", "Marek").await;
    let tokens = app.register("guest").await;
    let den = app.create_room(&mara, "den", Visibility::Private).await;
    app.execute("update users set role = 'guest' where username = 'guest'").await;
    app.execute("delete from members where user_id = (select id from users where username = 'guest')").await;
    let guest = app.service.authenticate(&tokens.access_token).await.unwrap();
    assert_eq!(names(&app, &guest, "mar").await, [""; 0]);
    assert_eq!(app.service.get_user(&guest, mara.user_id).await.unwrap_err().code, Code::NotFound);
    app.add_member(&mara, den.id, &guest).await.unwrap();
    assert_eq!(names(&app, &guest, "mar").await, ["mara"]);
    assert_eq!(names(&app, &guest, "marra").await, ["mara"]);
    assert_eq!(names(&app, &guest, "").await, ["guest", "mara"]);
    assert_eq!(app.service.find_user(&guest, "MARA").await.unwrap().id, mara.user_id);
    for name in ["ada", "marek", "nobody"] {
        assert_eq!(app.service.find_user(&guest, name).await.unwrap_err().code, Code::NotFound, "{name}");
    }
    assert_eq!(app.service.get_user(&guest, guest.user_id).await.unwrap().username, "guest");
    app.service.remove_member(&mara, den.id, guest.user_id).await.unwrap();
    assert_eq!(app.service.get_user(&guest, mara.user_id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(names(&app, &ada, "mar").await, ["mara", "marek"]);
}

async fn names_stored_before_the_search_index_are_indexed_at_start(app: TestApp) {
    let ada = app.create_user_named("ada", "Ada Lovelace").await;
    app.execute("delete from search_words").await;
    app.execute("update users set search_key_version = 0").await;
    assert!(names(&app, &ada, "love").await.is_empty());
    let restarted = app.start_node().await;
    while restarted.search_users(&ada, find("love")).await.unwrap().items.is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(names(&app, &ada, "lovelaec").await, ["ada"]);
}

async fn invalid_searches_are_rejected(app: TestApp) {
    let ada = app.create_user("ada").await;
    let code = async |command| app.service.search_users(&ada, command).await.unwrap_err().code;
    assert_eq!(code(find(&"x".repeat(101))).await, Code::Invalid);
    assert_eq!(code(find("a\0b")).await, Code::Invalid);
    for cursor in ["", "x", "7b7d", "6e756c6c", "é", "abc"] {
        assert_eq!(
            code(SearchUsers { cursor: Some(cursor.into()), ..find("a") }).await,
            Code::InvalidCursor,
            "{cursor}"
        );
    }
    // A search with many words ends in time.
    let query = "abcd efgh ijkl mnop qrst uvwx yzab cdef ghij klmn opqr stuv wxyz abce fghi jklm nopq rst";
    assert!(names(&app, &ada, query).await.is_empty());
}
