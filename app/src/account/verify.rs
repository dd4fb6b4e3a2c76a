//! Confirming an e-mail address.

use super::card::{Card, Way};
use crate::{
    api::VerifyEmail,
    forms::{Form, Post, is_done, typed},
    ui::{Notice, Submit},
};
use leptos::prelude::*;

/// The page a link leads to; its button confirms the address, so that programs that scan mail do not.
#[component]
pub fn VerifyPage() -> impl IntoView {
    if is_done() {
        let lead = "You can sign in with it, and it is the way back in if you forget your password.";
        return view! { <Card title="Your address is confirmed" lead=lead><Way to="/" label="To your rooms"/></Card> }
            .into_any();
    }
    let form = Form::of::<VerifyEmail>();
    view! {
        <Card title="Confirm your address" lead="One press, and this e-mail address is yours here.">
            <Post form>
                <Notice text=form.told()/>
                <input type="hidden" name="token" value=typed("token")/>
                <Submit label="Confirm" pending=form.pending()/>
            </Post>
        </Card>
    }
    .into_any()
}
