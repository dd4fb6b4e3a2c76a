//! What an open socket carries, as the OpenAPI document says it.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{OneOfBuilder, Ref, Schema},
    },
};

/// What an open socket carries.
pub struct SocketFrame;

impl PartialSchema for SocketFrame {
    fn schema() -> RefOr<Schema> {
        let frames = OneOfBuilder::new()
            .item(Ref::from_schema_name("ServerFrame"))
            .item(Ref::from_schema_name("ClientFrame"))
            .description(Some("A text frame: from the server a `ServerFrame`, from the client a `ClientFrame`."));
        Schema::from(frames).into()
    }
}

impl ToSchema for SocketFrame {}
