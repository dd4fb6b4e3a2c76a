//! Account invitations.

use crate::{
    api::{CreateAccountInvitation, Failure, RevokeAccountInvitation, request},
    client_id,
    confirm_button::ConfirmButton,
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::{
        copy_button::CopyButton,
        done::Done,
        frame::{PageContext, page},
        timestamp::relative,
    },
    ui::{EmptyState, Field, Notice, Shape, Submit},
};
use leptos::prelude::*;
use protocol::{
    credentials::{AccountInvitation, Registration},
    limits::PAGE_DEFAULT,
    page::PageQuery,
    permissions::Permission,
    time::Time,
    user::Role,
};

/// The page of account invitations; the link of a new one is shown once.
#[component]
pub fn InvitationsPage() -> impl IntoView {
    page("Invitations", async |context: PageContext| {
        let cursor = Some(query_param("cursor")).filter(|cursor| !cursor.is_empty());
        let query = PageQuery { limit: PAGE_DEFAULT, cursor };
        let all = context.chat.list_account_invitations(&context.caller, query).await?;
        let link = request::browser_session()?.take_flash().filter(|url| url.contains("/sign-up?invitation="));
        let link = link.map(|url| {
            let what = "Share it with the people you're inviting.";
            view! { <OneTimeLink url title="Invite link created" what/> }.into_any()
        });
        let more = all.next_cursor.map(|cursor| {
            view! { <p><a href=format!("/admin/invitations?cursor={cursor}")>"Older invite links"</a></p> }.into_any()
        });
        let list = if all.items.is_empty() {
            view! { <EmptyState title="No invite links yet" text="Create one above and share it." shape=Shape::People/> }.into_any()
        } else {
            let now = context.chat.now();
            let lines = all.items.into_iter().map(|one| view! { <InvitationRow one now/> }).collect_view();
            view! { <ul class="item-list">{lines}</ul> }.into_any()
        };
        let revoke = Form::of::<RevokeAccountInvitation>();
        Ok(view! {
            {closed_notice(&context).await?}
            {link}
            <InviteForm/>
            <section aria-labelledby="invitations">
                <h2 id="invitations">"Invite links"</h2>
                <Done form=revoke text="Invite link revoked."/>
                {list}
                {more}
            </section>
        }
        .into_any())
    })
}

/// While nobody can create an account, invite links do not work either.
async fn closed_notice(context: &PageContext) -> Result<Option<AnyView>, Failure> {
    if context.chat.registration().await? != Registration::Closed {
        return Ok(None);
    }
    let may_change = Permission::ManageServer.is_granted_to(context.caller.role);
    let link = may_change.then(|| view! { " " <a href="/admin/settings">"Change this in the service settings"</a> });
    Ok(Some(
        view! { <p class="notice">"Sign-up is closed: invite links don't work until it's opened." {link}</p> }
            .into_any(),
    ))
}

/// A link that is shown only once.
#[component]
pub fn OneTimeLink(
    /// The link.
    url: String,
    /// The heading.
    title: &'static str,
    /// What to do with it.
    what: &'static str,
) -> impl IntoView {
    view! {
        <section class="secret" role="status" aria-labelledby="new-invitation">
            <h2 id="new-invitation">{title}</h2>
            <p>{what} " You won't see it again."</p>
            <p><code>{url.clone()}</code></p>
            <CopyButton text=url/>
        </section>
    }
}

#[component]
fn InviteForm() -> impl IntoView {
    let form = Form::of::<CreateAccountInvitation>();
    let or =
        |field: &str, usual: &str| Some(query_param(field)).filter(|text| !text.is_empty()).unwrap_or(usual.to_owned());
    let guest = query_param("role") == Role::Guest.as_str();
    view! {
        <section aria-labelledby="create-invitation">
            <h2 id="create-invitation">"Invite people"</h2>
            <PostForm form>
                <Notice text=form.form_error()/>
                <input type="hidden" name="key" value=client_id::generate().0/>
                <fieldset class="choice-group">
                    <legend>"Role"</legend>
                    <label class="choice">
                        <input type="radio" name="role" value="member" checked=!guest/>
                        "Member" <span class="hint">"Can see everyone and every public room."</span>
                    </label>
                    <label class="choice">
                        <input type="radio" name="role" value="guest" checked=guest/>
                        "Guest" <span class="hint">"Can only see rooms they're added to."</span>
                    </label>
                </fieldset>
                <Field label="Maximum uses" name="max_uses" kind="number" error=form.field_error("max_uses")
                    value=or("max_uses", "1") maxlength=4 hint="1 to 1,000."/>
                <Field label="Expires after" name="days" kind="number" error=form.field_error("days")
                    value=or("days", "7") maxlength=3 hint="1 to 365 days."/>
                <Submit label="Create invite link" pending=form.pending()/>
            </PostForm>
        </section>
    }
}

#[component]
fn InvitationRow(one: AccountInvitation, now: Time) -> impl IntoView {
    let form = Form::of::<RevokeAccountInvitation>();
    let role = one.role.name();
    let used = format!("{} of {} used", one.uses, one.max_uses);
    let expires = relative(one.expires_at, now);
    let description = format!("{role}, created by {}, expires {expires}", one.created_by.display_name);
    view! {
        <li>
            <p><strong>{used}</strong> <span class="muted">{description}</span></p>
            <ConfirmButton label="Revoke" act="Revoke link" form
                question="The link will stop working. People who already joined keep their accounts.">
                <input type="hidden" name="id" value=one.id.to_string()/>
            </ConfirmButton>
        </li>
    }
}
