//! The second login step.

use crate::{
    api::{GiveCode, request},
    forms::{Form, PostForm, query_param, with_next},
    server_pages::auth::card::Card,
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use leptos_router::components::Redirect;
use protocol::limits::TOTP_CODE_CHARS;

/// Asks for the code, after the password was correct. The proof of that is in a cookie, not in the page.
#[component]
pub fn CodePage() -> impl IntoView {
    if request::browser_session().ok().and_then(|visitor| visitor.login_step()).is_none() {
        return view! { <Redirect path=with_next("/sign-in")/> }.into_any();
    }
    let form = Form::of::<GiveCode>();
    view! {
        <Card title="One more step" lead="Enter the code that your authenticator app shows now.">
            <PostForm form>
                <Notice text=form.form_error()/>
                <input type="hidden" name="next" value=query_param("next")/>
                <Field label="Code" name="totp" error=form.field_error("totp") autocomplete="one-time-code"
                    maxlength=TOTP_CODE_CHARS autofocus=true hint="Or one of your recovery codes."/>
                <Submit label="Sign in" pending=form.pending()/>
            </PostForm>
            <p class="aside"><a href=with_next("/sign-in")>"Begin again"</a></p>
        </Card>
    }
    .into_any()
}
