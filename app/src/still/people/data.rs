//! What is held about oneself: taking it along, and leaving.

use crate::{
    api::{LeaveService, UnlockData},
    forms::{Form, Post, typed},
    page_user::with_user,
    still::{ask::Whose, frame::page},
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::limits::PASSWORD_CHARS;

/// Downloading one's data, and deactivating one's account.
#[component]
pub fn DataPage() -> impl IntoView {
    page("Your data", async |visit| {
        let proved = visit.chat.check_proof(&visit.caller).await.is_ok();
        let name = visit.me.username;
        Ok(view! { {download(proved, name.clone())} {leave(name)} }.into_any())
    })
}

fn download(proved: bool, username: String) -> AnyView {
    let way = if proved {
        view! { <p><a class="button primary" href=with_user("/api/v1/users/export") download="lair-export.zip">"Download your data"</a></p> }
            .into_any()
    } else {
        let form = Form::of::<UnlockData>();
        view! {
            <Post form>
                <Notice text=form.overall()/>
                <Whose username/>
                <Field label="Password" name="password" kind="password" error=form.wrong("password")
                    autocomplete="current-password" maxlength=*PASSWORD_CHARS.end()
                    hint="To be sure that it is you. Then the download is here for a quarter of an hour."/>
                <Submit label="Go on" pending=form.pending()/>
            </Post>
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
            {way}
        </section>
    }
    .into_any()
}

fn leave(username: String) -> AnyView {
    let form = Form::of::<LeaveService>();
    // Whoever has just tried finds the form open.
    let open = !typed("leave").is_empty();
    view! {
        <section>
            <h2>"Leave"</h2>
            <p class="lead">
                "To leave signs you out everywhere, and nobody finds you any more. Your name stays on what you said. \
                 Nothing happens before you enter your password below. Only an administrator can bring your account back."
            </p>
            <details class="asks" open=open>
                <summary>"Deactivate your account"</summary>
                <Post form>
                    <Notice text=form.overall()/>
                    <Whose username/>
                    <div class="field">
                        <label for="leave-password">"Password"</label>
                        <input id="leave-password" name="password" type="password" required=true
                            maxlength=PASSWORD_CHARS.end().to_string() autocomplete="current-password"
                            aria-invalid=move || form.wrong("password").with(Option::is_some).then_some("true")
                            aria-describedby="leave-error"/>
                        {move || form.wrong("password").get().map(|error| {
                            view! { <p class="wrong" id="leave-error">{error}</p> }.into_any()
                        })}
                    </div>
                    <Submit label="Deactivate account" pending=form.pending() look="danger"/>
                </Post>
            </details>
        </section>
    }
    .into_any()
}
