use crate::harness::Server;

#[tokio::test]
async fn the_export_is_one_zip_file() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let response = ada.get("/users/export").send().await;
    assert_eq!((response.status.as_u16(), response.content_type()), (200, "application/zip"));
    assert_eq!(response.header("content-disposition"), "attachment; filename=\"lair-export.zip\"");
    assert_eq!(response.header("cache-control"), "no-store");
    assert!(response.text.starts_with("PK"));
    server.get("/users/export").expect_error("not_signed_in").await;
}
