//! Browsers whose access token has expired: their refresh cookie is exchanged in passing, once every other check has
//! passed, and only for existing routes.

use super::{Identity, cookies::CookieChange, unless_unauthorized};
use crate::{problem::ErrorResponse, state::AppState};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{ClientKind, Refreshed};
use protocol::{error::Result, id::UserId};
use std::sync::Arc;

/// A refresh cookie that came without a valid access token.
pub struct PendingRefresh {
    token: String,
    /// The user it belongs to; `None` if there is no such token.
    pub owner: Option<UserId>,
}

impl PendingRefresh {
    /// Finds the owner of the token, without using it up.
    pub async fn find(state: &AppState, token: &str) -> Result<Self> {
        let owner = state.service.find_refresh_owner(token).await?;
        Ok(Self { token: token.to_owned(), owner })
    }
}

/// Exchanges the refresh cookie if necessary. The last middleware before a route.
pub async fn refresh(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let identity = request.extensions().get::<Arc<Identity>>().cloned();
    if let Some(identity) = identity
        && let Err(error) = identity.refresh(&state).await
    {
        return ErrorResponse(error).into_response();
    }
    next.run(request).await
}

impl Identity {
    async fn refresh(&self, state: &AppState) -> Result<()> {
        let Some(PendingRefresh { token, owner: Some(_) }) = &self.pending_refresh else { return Ok(()) };
        match unless_unauthorized(state.service.refresh(&self.client, token, ClientKind::Browser).await)? {
            Some(Refreshed::Pair(tokens)) => {
                self.set_caller(unless_unauthorized(state.service.authenticate(&tokens.access_token).await)?);
                self.change_cookies(CookieChange::pair(&tokens));
                self.clear_login_step();
            }
            Some(Refreshed::Access(token, seconds)) => {
                self.set_caller(unless_unauthorized(state.service.authenticate(&token).await)?);
                self.change_cookies(CookieChange::access(token, seconds));
            }
            // Only the cookies of the session are cleared: a login step in progress continues.
            None => self.change_cookies(CookieChange::Clear),
        }
        Ok(())
    }
}
