//! The form that uploads an avatar: the only one with a file, which server functions cannot read.

use crate::{
    caller,
    input::{Upload, upload::MAX_FORM_BYTES},
    problem::{ErrorResponse, Reply},
    state::AppState,
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

/// The page of the form.
const PAGE: &str = "/settings/profile";

/// The route that the form is sent to.
pub fn router(state: &AppState) -> Router {
    let router = Router::new().route(UPLOAD_AVATAR, post(upload_avatar));
    let renew = middleware::from_fn_with_state(state.clone(), caller::refresh);
    router.layer(DefaultBodyLimit::max(MAX_FORM_BYTES)).route_layer(renew).with_state(state.clone())
}

async fn upload_avatar(State(chat): State<Arc<Service>>, upload: Reply<Upload>) -> Redirect {
    let location = match set_avatar(&chat, upload).await {
        Ok(_) => app::done_url(PAGE, UPLOAD_AVATAR),
        Err(ErrorResponse(error)) => app::error_url(&*chat, PAGE, UPLOAD_AVATAR, &app::Failure(error), &[]),
    };
    Redirect::to(&location)
}

async fn set_avatar(chat: &Service, upload: Reply<Upload>) -> Reply<User> {
    let Upload { caller, file } = upload?;
    Ok(chat.set_avatar(&caller, file).await?)
}
