//! The form that takes a picture: the only one with a file in it, which server functions do not read.

use crate::{
    caller,
    input::{Upload, upload::FORM_BYTES},
    problem::{Failure, Reply},
    state::Lair,
};
use app::UPLOAD_AVATAR;
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    middleware,
    response::Redirect,
    routing::post,
};
use domain::Service;
use protocol::{port::prelude::*, user::User};
use std::sync::Arc;

/// Where the form is.
const PAGE: &str = "/settings/profile";

/// Where the form is sent.
pub fn router(lair: &Lair) -> Router {
    let router = Router::new().route(UPLOAD_AVATAR, post(upload_avatar));
    let renew = middleware::from_fn_with_state(lair.clone(), caller::renew);
    router.layer(DefaultBodyLimit::max(FORM_BYTES)).route_layer(renew).with_state(lair.clone())
}

async fn upload_avatar(State(chat): State<Arc<Service>>, upload: Reply<Upload>) -> Redirect {
    let place = match take(&chat, upload).await {
        Ok(_) => format!("{PAGE}?done=1"),
        Err(Failure(error)) => app::failed_form(&*chat, PAGE, UPLOAD_AVATAR, &app::Failure(error), &[]),
    };
    Redirect::to(&place)
}

async fn take(chat: &Service, upload: Reply<Upload>) -> Reply<User> {
    let Upload { caller, file } = upload?;
    Ok(chat.set_avatar(&caller, file).await?)
}
