//! Confirming the password again.

use crate::{
    api::ConfirmPassword,
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::{frame::page, username_field::UsernameField},
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::limits::PASSWORD_CHARS;

/// Asks for the password before actions that could lock the user out.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    page("Confirm it's you", async |context| {
        let form = Form::of::<ConfirmPassword>();
        Ok(view! {
            <p class="lead">"Confirm your password to continue. You won't be asked again for 15 minutes."</p>
            <PostForm form>
                <Notice text=form.form_error()/>
                <UsernameField username=context.me.username/>
                <input type="hidden" name="next" value=query_param("next")/>
                <Field label="Password" name="password" kind="password" error=form.field_error("password")
                    autocomplete="current-password" maxlength=*PASSWORD_CHARS.end() autofocus=true/>
                <div class="actions"><Submit label="Continue" pending=form.pending()/></div>
            </PostForm>
        }
        .into_any())
    })
}
