//! Service settings that administrators change at run time.

use crate::{
    api::SetConfig,
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::{
        done::Done,
        frame::{PageContext, page},
    },
    ui::{Notice, Submit},
};
use leptos::prelude::*;
use protocol::credentials::{Config, Registration};

/// The page of the service settings.
#[component]
pub fn ServiceSettingsPage() -> impl IntoView {
    page("Service settings", async |context: PageContext| {
        let config = context.chat.get_config(&context.caller).await?;
        Ok(view! { <Settings config/> }.into_any())
    })
}

#[component]
fn Settings(config: Config) -> impl IntoView {
    let form = Form::of::<SetConfig>();
    let now = config.registration;
    let submitted = query_param("registration");
    let is_chosen =
        move |value: Registration, word: &str| if submitted.is_empty() { now == value } else { submitted == word };
    let choice = move |value: Registration, word: &'static str, label: &'static str, hint: &'static str| {
        view! {
            <label class="choice">
                <input type="radio" name="registration" value=word checked=is_chosen(value, word)/>
                {label}
                <span class="hint">{hint}</span>
            </label>
        }
    };
    view! {
        <PostForm form>
            <Notice text=form.error()/>
            <fieldset class="choice-group">
                <legend>"Who can create an account"</legend>
                {choice(Registration::Open, "open", "Anyone", "Anyone who can reach this server.")}
                {choice(Registration::Invitation, "invitation", "Invited people only", "They need an invite link.")}
                {choice(Registration::Closed, "closed", "No one", "Invite links won't work either.")}
            </fieldset>
            <div class="actions">
                <Submit label="Save" pending=form.pending()/>
                <Done form text="Settings saved."/>
            </div>
        </PostForm>
    }
}
