//! The user's own data: export and deactivation.

use crate::{
    api::{DeactivateUser, UnlockExport},
    forms::{Form, PostForm},
    page_query::query_param,
    page_user::with_user,
    server_pages::{frame::page, username_field::UsernameField},
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
        Ok(view! { {stored_data()} {download(password_confirmed, name.clone())} {deactivate_form(name)} }.into_any())
    })
}

fn stored_data() -> AnyView {
    view! {
        <section>
            <h2>"What is stored, and who can read it"</h2>
            <ul class="prose-list">
                <li>
                    "Everything is stored on this server: your account and profile, your messages and rooms, and the \
                     devices you sign in from, with their IP addresses. Your password is stored only as a hash."
                </li>
                <li>
                    "Messages can be read by the members of their room, in a public room by everyone who joins it. \
                     They aren't end-to-end encrypted: whoever operates this server has access to its database."
                </li>
                <li>
                    "Your name, picture and profile can be seen by everyone who can find you here. Your email can be \
                     seen only by you and by administrators and moderators."
                </li>
            </ul>
        </section>
    }
    .into_any()
}

fn download(password_confirmed: bool, username: String) -> AnyView {
    let action = if password_confirmed {
        view! { <p><a class="button primary" href=with_user("/api/v1/users/export") download="lair-export.zip">"Download your data"</a></p> }
            .into_any()
    } else {
        let form = Form::of::<UnlockExport>();
        view! {
            <PostForm form>
                <Notice text=form.form_error()/>
                <UsernameField username/>
                <Field label="Password" name="password" kind="password" error=form.field_error("password")
                    autocomplete="current-password" maxlength=*PASSWORD_CHARS.end()
                    hint="Confirm your password to unlock the download for 15 minutes."/>
                <Submit label="Continue" pending=form.pending()/>
            </PostForm>
        }
        .into_any()
    };
    view! {
        <section>
            <h2>"Export"</h2>
            <p class="lead">
                "A ZIP file with everything this server stores about you: your account, profile, settings, sessions, \
                 rooms, messages and picture."
            </p>
            {action}
        </section>
    }
    .into_any()
}

fn deactivate_form(username: String) -> AnyView {
    let form = Form::of::<DeactivateUser>();
    // After a failed submission the form is open.
    let open = !query_param("leave").is_empty();
    view! {
        <section>
            <h2>"Deactivate"</h2>
            <p class="lead">
                "Deactivating signs you out everywhere and hides your profile. Your messages remain. Only an \
                 administrator can reactivate your account."
            </p>
            <details class="disclosure" open=open>
                <summary class="button danger">"Deactivate your account"</summary>
                <PostForm form>
                    <Notice text=form.form_error()/>
                    <UsernameField username/>
                    <div class="field">
                        <label for="deactivate-password">"Password"</label>
                        <input id="deactivate-password" name="password" type="password" required=true
                            maxlength=PASSWORD_CHARS.end().to_string() autocomplete="current-password"
                            aria-invalid=move || form.field_error("password").with(Option::is_some).then_some("true")
                            aria-describedby="deactivate-error"/>
                        {move || form.field_error("password").get().map(|error| {
                            view! { <p class="field-error" id="deactivate-error">{error}</p> }.into_any()
                        })}
                    </div>
                    <Submit label="Deactivate account" pending=form.pending() variant="danger"/>
                </PostForm>
            </details>
        </section>
    }
    .into_any()
}
