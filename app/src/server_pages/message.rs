//! What is done with one message: pages for browsers without JavaScript, and for links opened in another tab.

use crate::{
    api::{DeleteMessage, EditMessage, MarkUnread},
    forms::{Form, PostForm},
    server_pages::frame::{PageContext, page},
    ui::{Notice, Submit, raw},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use protocol::{error::Error, limits::MESSAGE_CHARS, message::Message};

/// Draws a page about the message that the URL names.
fn message_page(title: &'static str, draw: fn(&Message) -> AnyView) -> AnyView {
    let id = use_params_map().with_untracked(|params| params.get("message").unwrap_or_default());
    page(title, async move |context: PageContext| {
        let id = id.parse().map_err(|_| Error::not_found("message"))?;
        let message = context.chat.get_message(&context.caller, id).await?;
        if !message.kind.is_text() || message.deleted {
            return Err(Error::not_found("message").into());
        }
        Ok(draw(&message))
    })
}

/// The page that edits a message.
#[component]
pub fn EditMessagePage() -> impl IntoView {
    message_page("Edit message", |message| {
        let form = Form::of::<EditMessage>();
        let text = form.refused_text().unwrap_or_else(|| message.body.clone());
        let area = view! {
            <textarea name="body" rows="2" required maxlength=MESSAGE_CHARS.to_string() aria-label="Edit message">
                {raw(text)}
            </textarea>
        };
        message_form(form, message, area.into_any(), view! { <Submit label="Save" pending=form.pending()/> }.into_any())
    })
}

/// The page that asks before a message is deleted.
#[component]
pub fn DeleteMessagePage() -> impl IntoView {
    message_page("Delete message", |message| {
        let form = Form::of::<DeleteMessage>();
        let text = view! { <p>"Delete this message? It will be deleted for everyone."</p> {quote(message)} };
        let submit = view! { <Submit label="Delete message" pending=form.pending() variant="danger"/> };
        message_form(form, message, text.into_any(), submit.into_any())
    })
}

/// The page that marks a message unread.
#[component]
pub fn MarkUnreadPage() -> impl IntoView {
    message_page("Mark unread", |message| {
        let form = Form::of::<MarkUnread>();
        let text = view! { <p>"This message and those after it will be unread."</p> {quote(message)} };
        let submit = view! { <Submit label="Mark unread" pending=form.pending()/> };
        message_form(form, message, text.into_any(), submit.into_any())
    })
}

fn quote(message: &Message) -> AnyView {
    // The server rendered and sanitised the HTML.
    view! { <blockquote class="prose" inner_html=message.html.clone()></blockquote> }.into_any()
}

/// The form, which leads back to the message.
fn message_form(form: Form, message: &Message, content: AnyView, submit: AnyView) -> AnyView {
    let room = format!("/rooms/{}", message.room_id);
    let next = format!("{room}#m-{}", message.id);
    let (room_id, message_id) = (message.room_id.to_string(), message.id.to_string());
    view! {
        <PostForm form class="edit-form">
            <Notice text=form.error()/>
            <input type="hidden" name="room_id" value=room_id/>
            <input type="hidden" name="message_id" value=message_id/>
            <input type="hidden" name="next" value=next/>
            {content}
            <div class="actions">
                {submit}
                <a class="button secondary" href=room>"Cancel"</a>
            </div>
        </PostForm>
    }
    .into_any()
}
