//! Verifying an email address.

use crate::{
    api::VerifyEmail,
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::auth::card::{Card, FooterLink},
    ui::{Notice, Submit},
};
use leptos::prelude::*;

/// The page that the link leads to; its button verifies the address, so that mail scanners that open links do not.
#[component]
pub fn VerifyPage() -> impl IntoView {
    if query_param("confirmed") == "1" {
        let lead = "You can now use it to sign in and to reset your password.";
        return view! { <Card title="Email confirmed" lead=lead><FooterLink to="/" label="Go to your rooms"/></Card> }
            .into_any();
    }
    let form = Form::of::<VerifyEmail>();
    view! {
        <Card title="Confirm your email" lead="Confirm that this email address is yours.">
            <PostForm form>
                <Notice text=form.error()/>
                <input type="hidden" name="token" value=query_param("token")/>
                <Submit label="Confirm email" pending=form.pending()/>
            </PostForm>
            // The link may have expired.
            <FooterLink to="/settings/account" label="Request a new link"/>
        </Card>
    }
    .into_any()
}
