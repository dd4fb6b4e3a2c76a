//! Account invitations.

use crate::{
    api::{InvitePerson, WithdrawInvitation, request},
    client_id,
    forms::{Form, PostForm, query_param},
    server_pages::frame::{PageContext, page},
    ui::{Empty, Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::{credentials::AccountInvitation, limits::PAGE_DEFAULT, page::PageQuery, user::Role};

/// The page of account invitations; the link of a new one is shown once.
#[component]
pub fn InvitationsPage() -> impl IntoView {
    page("Invitations", async |context: PageContext| {
        let cursor = Some(query_param("cursor")).filter(|cursor| !cursor.is_empty());
        let query = PageQuery { limit: PAGE_DEFAULT, cursor };
        let all = context.chat.invitations(&context.caller, query).await?;
        let link = request::browser_session()?.take_flash().filter(|url| url.contains("/sign-up?invitation="));
        let link = link.map(|url| view! { <OneTimeLink url what="Hand it to whom you invite." /> }.into_any());
        let more = all.next_cursor.map(|cursor| {
            view! { <p><a href=format!("/admin/invitations?cursor={cursor}")>"Older invitations"</a></p> }.into_any()
        });
        let list = if all.items.is_empty() {
            view! { <Empty title="Nobody is invited yet" text="Make a link above, and hand it to whom you want here."/> }
                .into_any()
        } else {
            let lines = all.items.into_iter().map(|one| view! { <InvitationRow one/> }).collect_view();
            view! { <ul class="lines">{lines}</ul> }.into_any()
        };
        Ok(view! {
            {link}
            <InviteForm/>
            <section aria-labelledby="all"><h2 id="all">"Invitations until now"</h2> {list} {more}</section>
        }
        .into_any())
    })
}

/// A link that is shown only once.
#[component]
pub fn OneTimeLink(
    /// The link.
    url: String,
    /// What to do with it.
    what: &'static str,
) -> impl IntoView {
    view! {
        <section class="secret" role="status" aria-labelledby="handed">
            <h2 id="handed">"Here is the link"</h2>
            <p>{what} " It is shown only now."</p>
            <p><code>{url}</code></p>
        </section>
    }
}

#[component]
fn InviteForm() -> impl IntoView {
    let form = Form::of::<InvitePerson>();
    let or =
        |field: &str, usual: &str| Some(query_param(field)).filter(|text| !text.is_empty()).unwrap_or(usual.to_owned());
    let guest = query_param("role") == Role::Guest.as_str();
    view! {
        <section aria-labelledby="invite">
            <h2 id="invite">"Invite people"</h2>
            <PostForm form>
                <Notice text=form.form_error()/>
                <input type="hidden" name="key" value=client_id::generate().0/>
                <fieldset class="choices">
                    <legend>"They become"</legend>
                    <label class="choice">
                        <input type="radio" name="role" value="member" checked=!guest/>
                        "Members" <span class="hint">"They see everyone and every public room."</span>
                    </label>
                    <label class="choice">
                        <input type="radio" name="role" value="guest" checked=guest/>
                        "Guests" <span class="hint">"They see only the rooms they are brought into."</span>
                    </label>
                </fieldset>
                <Field label="How many accounts" name="max_uses" kind="number" error=form.field_error("max_uses")
                    value=or("max_uses", "1") maxlength=4 hint="1 to 1,000."/>
                <Field label="Good for how many days" name="days" kind="number" error=form.field_error("days")
                    value=or("days", "7") maxlength=3 hint="1 to 365."/>
                <Submit label="Make a link" pending=form.pending()/>
            </PostForm>
        </section>
    }
}

#[component]
fn InvitationRow(one: AccountInvitation) -> impl IntoView {
    let form = Form::of::<WithdrawInvitation>();
    let role = if one.role == Role::Guest { "guests" } else { "members" };
    let used = format!("{} of {} {role} came", one.uses, one.max_uses);
    let about = format!("By {}, good until {}", one.created_by.display_name, one.expires_at.date());
    view! {
        <li>
            <p><strong>{used}</strong> <span class="aside">{about}</span></p>
            <details>
                <summary>"Take back"</summary>
                <PostForm form>
                    <input type="hidden" name="id" value=one.id.to_string()/>
                    <p class="aside">"The link stops working. Who came with it stays."</p>
                    <Submit label="Take it back" pending=form.pending() look="danger"/>
                </PostForm>
            </details>
        </li>
    }
}
