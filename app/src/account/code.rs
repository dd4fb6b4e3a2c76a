//! The second step of signing in.

use super::card::Card;
use crate::{
    api::{GiveCode, visit},
    forms::{Form, Post, onward, typed},
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use leptos_router::components::Redirect;
use protocol::limits::FACTOR_CHARS;

/// Asks for the code, once the password was right. The browser holds the proof of that, not the page.
#[component]
pub fn CodePage() -> impl IntoView {
    if visit::visitor().ok().and_then(|visitor| visitor.step()).is_none() {
        return view! { <Redirect path=onward("/sign-in")/> }.into_any();
    }
    let form = Form::of::<GiveCode>();
    view! {
        <Card title="One more step" lead="Enter the code that your authenticator app shows now.">
            <Post form>
                <Notice text=form.overall()/>
                <input type="hidden" name="next" value=typed("next")/>
                <Field label="Code" name="totp" error=form.wrong("totp") autocomplete="one-time-code"
                    maxlength=FACTOR_CHARS autofocus=true hint="Or one of your recovery codes."/>
                <Submit label="Sign in" pending=form.pending()/>
            </Post>
            <p class="aside"><a href=onward("/sign-in")>"Begin again"</a></p>
        </Card>
    }
    .into_any()
}
