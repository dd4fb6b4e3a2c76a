//! The user's own data: export and deactivation.

use crate::{
    api::{LeaveService, UnlockData},
    forms::{Form, PostForm, query_param},
    page_user::with_user,
    server_pages::{confirm_button::UsernameField, frame::page},
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::limits::PASSWORD_CHARS;

/// Downloading the user's data, and deactivating the account.
#[component]
pub fn DataPage() -> impl IntoView {
    page("Your data", async |context| {
        let password_confirmed = context.chat.check_recent_password(&context.caller).await.is_ok();
        let name = context.me.username;
        Ok(view! { {download(password_confirmed, name.clone())} {deactivate_form(name)} }.into_any())
    })
}

fn download(password_confirmed: bool, username: String) -> AnyView {
    let action = if password_confirmed {
        view! { <p><a class="button primary" href=with_user("/api/v1/users/export") download="lair-export.zip">"Download your data"</a></p> }
            .into_any()
    } else {
        let form = Form::of::<UnlockData>();
        view! {
            <PostForm form>
                <Notice text=form.form_error()/>
                <UsernameField username/>
                <Field label="Password" name="password" kind="password" error=form.field_error("password")
                    autocomplete="current-password" maxlength=*PASSWORD_CHARS.end()
                    hint="To be sure that it is you. Then the download is here for a quarter of an hour."/>
                <Submit label="Go on" pending=form.pending()/>
            </PostForm>
        }
        .into_any()
    };
    view! {
        <section>
            <h2>"Download"</h2>
            <p class="lead">
                "Everything that this server holds about you, as one ZIP file: your account, profile, settings, sessions, \
                 rooms, what you said, and your picture."
            </p>
            {action}
        </section>
    }
    .into_any()
}

fn deactivate_form(username: String) -> AnyView {
    let form = Form::of::<LeaveService>();
    // After a failed submission the form is open.
    let open = !query_param("leave").is_empty();
    view! {
        <section>
            <h2>"Leave"</h2>
            <p class="lead">
                "To leave signs you out everywhere, and nobody finds you any more. Your name stays on what you said. \
                 Nothing happens before you enter your password below. Only an administrator can bring your account back."
            </p>
            <details class="asks" open=open>
                <summary>"Deactivate your account"</summary>
                <PostForm form>
                    <Notice text=form.form_error()/>
                    <UsernameField username/>
                    <div class="field">
                        <label for="leave-password">"Password"</label>
                        <input id="leave-password" name="password" type="password" required=true
                            maxlength=PASSWORD_CHARS.end().to_string() autocomplete="current-password"
                            aria-invalid=move || form.field_error("password").with(Option::is_some).then_some("true")
                            aria-describedby="leave-error"/>
                        {move || form.field_error("password").get().map(|error| {
                            view! { <p class="wrong" id="leave-error">{error}</p> }.into_any()
                        })}
                    </div>
                    <Submit label="Deactivate account" pending=form.pending() look="danger"/>
                </PostForm>
            </details>
        </section>
    }
    .into_any()
}
