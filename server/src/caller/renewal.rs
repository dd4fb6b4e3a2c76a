//! Browsers whose access token has expired: their refresh cookie is exchanged in passing, once nothing else refuses the
//! request, and only for what has an answer.

use super::{Identity, cookies::Change, known};
use crate::{problem::Failure, state::Lair};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Holder, Renewed};
use protocol::{error::Result, id::UserId};
use std::sync::Arc;

/// A refresh cookie that came in place of an access token that is good.
pub struct Renewal {
    token: String,
    /// Whose it is; nothing when there is no such token.
    pub owner: Option<UserId>,
}

impl Renewal {
    /// Finds out whose it is; nothing is used up by that.
    pub async fn find(lair: &Lair, token: &str) -> Result<Self> {
        let owner = lair.service.find_refresh_owner(token).await?;
        Ok(Self { token: token.to_owned(), owner })
    }
}

/// Exchanges the refresh cookie where that is needed. The last thing before a route.
pub async fn renew(State(lair): State<Lair>, request: Request, next: Next) -> Response {
    let identity = request.extensions().get::<Arc<Identity>>().cloned();
    if let Some(identity) = identity
        && let Err(error) = identity.renew(&lair).await
    {
        return Failure(error).into_response();
    }
    next.run(request).await
}

impl Identity {
    async fn renew(&self, lair: &Lair) -> Result<()> {
        let Some(Renewal { token, owner: Some(_) }) = &self.renewal else { return Ok(()) };
        match known(lair.service.refresh(&self.client, token, Holder::Browser).await)? {
            Some(Renewed::Pair(tokens)) => {
                self.found(known(lair.service.authenticate(&tokens.access_token).await)?);
                self.change(Change::pair(&tokens));
                self.forget_step();
            }
            Some(Renewed::Access(token, seconds)) => {
                self.found(known(lair.service.authenticate(&token).await)?);
                self.change(Change::access(token, seconds));
            }
            // A sign-in that is under way in its place goes on.
            None => self.change(Change::Clear),
        }
        Ok(())
    }
}
