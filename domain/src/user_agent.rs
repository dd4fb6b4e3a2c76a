//! Device and browser of a session, from its user agent. Users only need to recognise their own sessions, so the
//! well-known families suffice: a few rules instead of a user agent database.

/// Device and browser of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserAgent {
    /// Device or operating system.
    pub device: &'static str,
    /// Browser, or another kind of program.
    pub browser: &'static str,
}

/// A pattern in a user agent, and its name; the first match wins, because most user agents contain the names of others
/// too.
type Patterns = [(&'static str, &'static str)];

const DEVICES: &Patterns = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Mac OS", "Mac"),
    ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
];

const BROWSERS: &Patterns = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "Python"),
    ("Python", "Python"),
    ("okhttp/", "App"),
    ("Dart/", "App"),
    ("CFNetwork/", "App"),
    ("node", "Node.js"),
    ("axios/", "Node.js"),
    ("Go-http-client/", "Go"),
    ("reqwest/", "Rust"),
];

impl UserAgent {
    /// Parses a user agent.
    pub fn parse(user_agent: &str) -> Self {
        let find = |patterns: &Patterns| {
            patterns.iter().find(|(pattern, _)| user_agent.contains(pattern)).map(|(_, name)| *name)
        };
        let (device, browser) = (find(DEVICES), find(BROWSERS));
        Self { device: device.unwrap_or("unknown device"), browser: browser.unwrap_or("Unknown app") }
    }
}

#[cfg(test)]
mod tests {
    use super::UserAgent;

    #[test]
    fn common_user_agents_are_recognised() {
        for (agent, browser, device) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 \
                 Safari/537.36 Edg/140.0.0.0",
                "Edge",
                "Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 \
                 Safari/605.1.15",
                "Safari",
                "Mac",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 CriOS/140.0.0.0 Mobile/15E148 Safari/604.1",
                "Chrome",
                "iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 \
                 Mobile Safari/537.36",
                "Chrome",
                "Android",
            ),
            ("curl/8.5.0", "curl", "unknown device"),
            ("", "Unknown app", "unknown device"),
        ] {
            assert_eq!(UserAgent::parse(agent), UserAgent { device, browser }, "{agent}");
        }
    }
}
