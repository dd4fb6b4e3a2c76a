//! Browsers whose access token has expired: their refresh cookie is exchanged in passing, once nothing else refuses the
//! request, and only for what has an answer.

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

/// A refresh cookie that came in place of an access token that is good.
pub struct PendingRefresh {
    token: String,
    /// Whose it is; nothing when there is no such token.
    pub owner: Option<UserId>,
}

impl PendingRefresh {
    /// Finds out whose it is; nothing is used up by that.
    pub async fn find(state: &AppState, token: &str) -> Result<Self> {
        let owner = state.service.find_refresh_owner(token).await?;
        Ok(Self { token: token.to_owned(), owner })
    }
}

/// Exchanges the refresh cookie where that is needed. The last thing before a route.
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
            // A sign-in that is under way in its place goes on.
            None => self.change_cookies(CookieChange::Clear),
        }
        Ok(())
    }
}
