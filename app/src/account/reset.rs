//! Setting a password anew with a link.

use super::card::{Card, Way};
use crate::{
    api::{ResetPassword, visit},
    forms::{Form, Post, typed},
    pages,
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::limits::PASSWORD_CHARS;

/// The page a link leads to. To open it uses up nothing: programs that scan mail open links too.
#[component]
pub fn ResetPage() -> impl IntoView {
    pages::awaited(|| async {
        let good = match visit::chat() {
            Ok(chat) => chat.check_reset(&typed("token")).await.is_ok(),
            Err(_) => false,
        };
        Some(if good { view! { <ResetForm/> }.into_any() } else { view! { <Useless/> }.into_any() })
    })
}

#[component]
fn ResetForm() -> impl IntoView {
    let form = Form::of::<ResetPassword>();
    view! {
        <Card title="Set a new password" lead="It signs you out everywhere; then you sign in with the new one.">
            <Post form>
                <Notice text=form.overall()/>
                <input type="hidden" name="token" value=typed("token")/>
                <Field label="New password" name="new_password" kind="password" error=form.wrong("new_password")
                    autocomplete="new-password" maxlength=*PASSWORD_CHARS.end() autofocus=true
                    hint="At least 8 characters. A few uncommon words are best."/>
                <Submit label="Set password" pending=form.pending()/>
            </Post>
        </Card>
    }
}

#[component]
fn Useless() -> impl IntoView {
    pages::status(404);
    let lead = "It was used, has expired, or was replaced by a newer one.";
    view! {
        <Card title="This link is no longer good" lead=lead>
            <Way to="/forgot" label="Ask for another"/>
        </Card>
    }
}
