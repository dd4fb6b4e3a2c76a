//! The submit button of a form.

use leptos::prelude::*;

/// The submit button of a form; while the submission is pending it is marked busy and cannot submit again.
#[component]
pub fn Submit(
    /// Text of the button.
    label: &'static str,
    /// Whether a submission is pending.
    #[prop(into)]
    pending: Signal<bool>,
    /// Style: `primary`, `secondary` or `danger`.
    #[prop(default = "primary")]
    variant: &'static str,
) -> impl IntoView {
    view! {
        <button type="submit" class=format!("button {variant}") aria-busy=move || pending.get().then_some("true")>
            {label}
        </button>
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// Classes of buttons in a source that name no style.
    fn bare_buttons(source: &str) -> usize {
        let classes = source.split("class=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let is_bare = |class: &&str| {
            let mut words = class.split(' ');
            words.clone().any(|word| word == "button")
                && !words.any(|word| ["primary", "secondary", "danger", "ghost"].contains(&word))
        };
        classes.filter(is_bare).count()
    }

    fn sources(folder: &Path, visit: &mut impl FnMut(&Path)) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { sources(&path, visit) } else { visit(&path) }
        }
    }

    #[test]
    fn every_button_has_a_style() {
        assert_eq!(bare_buttons(r#"<a class="button" href="/"> <a class="button wide"> <a class="button danger">"#), 2);
        let (mut read, mut bare) = (0, Vec::new());
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut |path| {
            let source = fs::read_to_string(path).unwrap();
            read += source.matches("class=\"button ").count();
            if !path.ends_with("ui/button.rs") && bare_buttons(&source) > 0 {
                bare.push(path.to_owned());
            }
        });
        assert!(read > 20, "{read} buttons");
        assert!(bare.is_empty(), "{bare:?}");
    }
}
