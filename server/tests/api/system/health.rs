use crate::harness::Server;

#[tokio::test]
async fn health_and_readiness_are_public() {
    let server = Server::start().await;
    for path in ["/health", "/ready"] {
        assert_eq!(server.get(path).expect(200).await["status"], "ok");
        let response = server.request("HEAD", path).send().await;
        assert_eq!(response.status, 200);
    }
}
