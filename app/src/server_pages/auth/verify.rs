//! Verifying an e-mail address.

use crate::{
    api::VerifyEmail,
    forms::{Form, PostForm, is_done, query_param},
    server_pages::auth::card::{Card, FooterLink},
    ui::{Notice, Submit},
};
use leptos::prelude::*;

/// The page that the link leads to; its button verifies the address, so that mail scanners that open links do not.
#[component]
pub fn VerifyPage() -> impl IntoView {
    if is_done() {
        let lead = "You can sign in with it, and it is the way back in if you forget your password.";
        return view! { <Card title="Your address is confirmed" lead=lead><FooterLink to="/" label="To your rooms"/></Card> }
            .into_any();
    }
    let form = Form::of::<VerifyEmail>();
    view! {
        <Card title="Confirm your address" lead="One press, and this e-mail address is yours here.">
            <PostForm form>
                <Notice text=form.error()/>
                <input type="hidden" name="token" value=query_param("token")/>
                <Submit label="Confirm" pending=form.pending()/>
            </PostForm>
        </Card>
    }
    .into_any()
}
