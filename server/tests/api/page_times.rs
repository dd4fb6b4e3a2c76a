//! The times of rendered pages, as they are without JavaScript: in the time zone of the profile, of the browser, or in
//! UTC.

use crate::{
    browser::session_cookies,
    harness::{Server, TestUser},
};
use protocol::time::Time;
use serde_json::json;

/// A `<time>` of a page: when it is, its text and its tooltip.
#[derive(Debug)]
struct ShownTime {
    at: Time,
    text: String,
    title: String,
}

async fn get_page(server: &Server, user: &TestUser, path: &str, cookie: &str) -> String {
    let cookies = [session_cookies(user).as_str(), cookie].join("; ");
    let response = server.get(path).header("accept", "text/html").header("cookie", &cookies).send().await;
    assert_eq!(response.status, 200, "{path}");
    response.text
}

fn attribute<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    html.split('>').next()?.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

fn page_attribute<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    attribute(page.split_once("<html")?.1, name)
}

/// The times of a page that are points in time.
fn times(page: &str) -> Vec<ShownTime> {
    let elements = page.split("<time").skip(1).filter_map(|html| html.split_once("</time>"));
    let shown = elements.filter_map(|(html, _)| {
        let at = attribute(html, "datetime")?.parse().ok()?;
        let (_, text) = html.split_once('>')?;
        let title = attribute(html, "title").unwrap_or_default().to_owned();
        Some(ShownTime { at, text: text.replace("<!>", ""), title })
    });
    shown.collect()
}

fn day_divider(page: &str) -> &str {
    let divider = page.split_once("day-divider").expect("a day divider").1;
    divider.split_once("<span>").expect("its text").1.split('<').next().unwrap_or_default()
}

/// A server, a user, and the path of a room with a message.
async fn start() -> (Server, TestUser, String) {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.lobby().await;
    ada.send_message(&lobby, "Good evening").await;
    (server, ada, format!("//rooms/{lobby}"))
}

/// Checks the times of a room and of a settings page against a fixed offset. The label follows where UTC is shown only
/// because the time zone is not known.
async fn check_pages(scene: &(Server, TestUser, String), cookie: &str, minutes: i64, twelve: bool, label: &str) {
    let (server, ada, room) = scene;
    let local = |at: Time| at.plus(minutes * 60_000);
    let clock = |at| {
        let text = if twelve { local(at).format_12h() } else { local(at).format_24h() };
        text + label
    };
    let page = get_page(server, ada, room, cookie).await;
    let [shown] = &times(&page)[..] else { panic!("not one time: {page}") };
    assert_eq!(shown.text, clock(shown.at), "{cookie}");
    assert_eq!(shown.title, format!("{}, {}", local(shown.at).date(), clock(shown.at)));
    let today: i64 = page_attribute(&page, "data-today").and_then(|day| day.parse().ok()).expect("the day");
    let day = ["Today", "Yesterday"][usize::try_from(today - local(shown.at).day()).expect("no day of the future")];
    let day_label = if label.is_empty() { "" } else { " (UTC)" };
    assert_eq!(day_divider(&page), format!("{day}{day_label}"), "{cookie}");

    let sessions = times(&get_page(server, ada, "//settings/sessions", cookie).await);
    assert!(!sessions.is_empty());
    for shown in sessions {
        assert_eq!(shown.title, format!("{}, {}", local(shown.at).short_date(), clock(shown.at)), "{cookie}");
    }
}

#[tokio::test]
async fn times_are_in_the_time_zone_of_the_browser_if_its_cookie_tells_it() {
    let scene = start().await;
    check_pages(&scene, "lair_clock=Asia/Kolkata~24", 330, false, "").await;
    check_pages(&scene, "lair_clock=America/Phoenix~12", -420, true, "").await;
    check_pages(&scene, "lair_clock=UTC~24", 0, false, "").await;
    let mut settings = scene.1.get("/users/settings").expect(200).await;
    settings["hour_cycle"] = json!("24");
    scene.1.put("/users/settings", &settings).expect(200).await;
    check_pages(&scene, "lair_clock=America/Phoenix~12", -420, false, "").await;
}

#[tokio::test]
async fn times_are_in_the_time_zone_of_the_profile_if_it_has_one() {
    let scene = start().await;
    scene.1.put("/users/profile", &json!({ "time_zone": "Asia/Kathmandu" })).expect(200).await;
    check_pages(&scene, "lair_clock=America/Phoenix~12", 345, true, "").await;
    check_pages(&scene, "", 345, false, "").await;
    scene.1.put("/users/profile", &json!({ "time_zone": null })).expect(200).await;
    check_pages(&scene, "lair_clock=America/Phoenix~12", -420, true, "").await;
}

#[tokio::test]
async fn without_a_valid_cookie_times_are_in_utc_and_say_so() {
    let scene = start().await;
    let long = format!("lair_clock={}~24", "x".repeat(5_000));
    for cookie in [
        "",
        "lair_clock=",
        "lair_clock=Europe/Berlin",
        "lair_clock=Europe/Berlin~13",
        "lair_clock=Europe/Atlantis~24",
        "lair_clock=Etc/Unknown~24",
        "lair_clock=../../etc/localtime~24",
        "lair_clock=\"><script>alert(1)</script>~24",
        &long,
        // Over TLS, this is the name.
        "__Host-lair_clock=Europe/Berlin~24",
    ] {
        check_pages(&scene, cookie, 0, false, " UTC").await;
        let page = get_page(&scene.0, &scene.1, &scene.2, cookie).await;
        assert_eq!(page_attribute(&page, "data-browser-clock"), None, "{cookie}");
        assert!(!page.contains("<script>alert"), "{cookie}");
    }
}

#[tokio::test]
async fn over_tls_the_cookie_of_the_time_zone_has_the_host_prefix() {
    let mut server = Server::start().await;
    server.raw.public_url = Some("https://chat.example.org".into());
    server.restart().await;
    let clock = async |cookie: &str| {
        let request = server.get("//sign-in").header("accept", "text/html").header("cookie", cookie);
        let page = request.send().await.text;
        page_attribute(&page, "data-browser-clock").map(str::to_owned)
    };
    assert_eq!(clock("__Host-lair_clock=Asia/Kolkata~24").await.as_deref(), Some("Asia/Kolkata~24"));
    assert_eq!(clock("lair_clock=Asia/Kolkata~24").await, None);
}

#[tokio::test]
async fn a_profile_card_is_in_the_hour_cycle_of_its_reader() {
    let (server, ada, _) = start().await;
    let mara = server.create_user("mara").await;
    mara.put("/users/profile", &json!({ "time_zone": "Asia/Kathmandu" })).expect(200).await;
    let card = async |cookie: &str| {
        let cookies = [session_cookies(&ada).as_str(), cookie].join("; ");
        let card = server.get("//do/read/profile-card?username=mara").header("cookie", &cookies).send().await.text;
        let element = card.split_once("<time").expect("the local time").1;
        let text = element.split_once('>').expect("its text").1.split('<').next().unwrap_or_default().to_owned();
        (attribute(element, "datetime").expect("the time of day").to_owned(), text)
    };
    let (value, text) = card("lair_clock=Europe/Berlin~24").await;
    assert_eq!(value, text);
    let (value, text) = card("lair_clock=Europe/Berlin~12").await;
    let of_day: Time = format!("2026-11-30T{value}:00.000Z").parse().unwrap();
    assert_eq!(text, of_day.format_12h());
}
