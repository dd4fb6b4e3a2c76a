//! Default avatar: the user's initials on a colour.

use crate::store::users::UserRow;
use protocol::{initials, profile::Picture};

/// The stylesheet's hues as colours, for images that are shown without the stylesheet: `oklch(0.53 0.11 hue)`.
const COLORS: [&str; initials::HUES] = [
    "#a14e57", "#9f5531", "#906106", "#766f08", "#4f7a34", "#1c7f55", "#007f7a", "#007997", "#2971a7", "#5a65ab",
    "#7b5a9f", "#925185",
];

/// Renders a user's initials. Nothing else of the name is included.
pub fn render(user: &UserRow) -> Picture {
    let color = COLORS[initials::hue(&user.id.to_string())];
    let letters = initials::initials(&user.display_name).replace('&', "&amp;").replace('<', "&lt;");
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 100 100\"><rect width=\"100\" height=\"100\" \
         fill=\"{color}\"/><text x=\"50\" y=\"51\" fill=\"#fdfcfa\" font-family=\"Inter, system-ui, sans-serif\" \
         font-size=\"37\" font-weight=\"650\" text-anchor=\"middle\" dominant-baseline=\"central\">{letters}</text></svg>"
    );
    Picture { media_type: "image/svg+xml".into(), bytes: svg.into_bytes() }
}
