//! The second login step.

use crate::{
    api::{SubmitTotp, request},
    forms::{Form, PostForm},
    page_query::{query_param, with_next},
    server_pages::auth::card::Card,
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use leptos_router::components::Redirect;
use protocol::limits::TOTP_CODE_CHARS;

/// Asks for the code, after the password was correct. The login step is in a cookie, not in the page.
#[component]
pub fn CodePage() -> impl IntoView {
    if request::browser_session().ok().and_then(|visitor| visitor.login_step()).is_none() {
        return view! { <Redirect path=with_next("/sign-in")/> }.into_any();
    }
    let form = Form::of::<SubmitTotp>();
    view! {
        <Card title="Two-factor authentication" lead="Enter the code from your authenticator app.">
            <PostForm form>
                <Notice text=form.form_error()/>
                <input type="hidden" name="next" value=query_param("next")/>
                <Field label="Code" name="totp" error=form.field_error("totp") autocomplete="one-time-code"
                    maxlength=TOTP_CODE_CHARS autofocus=true hint="Or use a recovery code."/>
                <Submit label="Sign in" pending=form.pending()/>
            </PostForm>
            <p class="muted"><a href=with_next("/sign-in")>"Back to sign in"</a></p>
        </Card>
    }
    .into_any()
}
