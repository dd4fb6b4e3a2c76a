use crate::harness::Server;

#[tokio::test]
async fn alive_and_ready_for_anyone_to_ask() {
    let server = Server::start().await;
    for path in ["/health", "/ready"] {
        assert_eq!(server.get(path).expect(200).await["status"], "ok");
        let answer = server.request("HEAD", path).send().await;
        assert_eq!(answer.status, 200);
    }
}
