//! The sidecar as Argo CD meets it: a real gRPC client over the real socket.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use std::time::Duration;

use common::{chunks, client, env, generate, messages, metadata, pack, project, serve};
use serde_json::{Value, json};
use tiphys::data::yaml::{self, Numbers};
use tiphys::plugin::proto::plugin::{AppStreamRequest, Empty};
use tokio_stream::StreamExt;
use tonic::Code;

const PRODUCTION: &str = r#"[{"name":"environment","string":"production"}]"#;

/// The documents of a file as JSON, in order.
fn golden(name: &str) -> Vec<Value> {
    let text = std::fs::read(project().join("tests/golden").join(name)).unwrap();
    let documents = yaml::parse_documents(&text, Numbers::Exact).unwrap();
    let json = documents.iter().map(|d| tiphys::data::json::write(d, false, 1 << 20).unwrap());
    json.map(|text| serde_json::from_slice(&text).unwrap()).filter(|d: &Value| !d.is_null()).collect()
}

/// Helm's own output with Argo's annotations on the hook and without the test.
fn expected(environment: &str) -> Vec<Value> {
    let mut documents = golden(&format!("my-api-{environment}.yaml"));
    documents.retain(|d| d["kind"] != "Pod");
    for job in documents.iter_mut().filter(|d| d["kind"] == "Job") {
        let annotations = job["metadata"]["annotations"].as_object_mut().unwrap();
        annotations.insert("argocd.argoproj.io/hook".into(), json!("PreSync"));
        annotations.insert("argocd.argoproj.io/sync-wave".into(), json!("-5"));
        annotations.insert(
            "argocd.argoproj.io/hook-delete-policy".into(),
            json!("BeforeHookCreation,HookSucceeded"),
        );
    }
    documents
}

#[tokio::test]
async fn both_environments_are_answered_with_helms_objects_and_argos_hooks() {
    let server = serve(None);
    let mut client = client(&server).await;
    for environment in ["production", "staging"] {
        let parameters = format!(r#"[{{"name":"environment","string":"{environment}"}}]"#);
        let manifests =
            generate(&mut client, &project().join("examples"), "my-api", &parameters).await.unwrap();
        assert_eq!(manifests, expected(environment), "{environment}");
    }
    let hook = &expected("production")[5];
    assert_eq!(hook["kind"], "Job");
    assert_eq!(hook["metadata"]["annotations"]["helm.sh/hook"], "pre-upgrade,pre-install");
}

#[tokio::test]
async fn the_other_calls_answer() {
    let server = serve(None);
    let mut client = client(&server).await;
    let check = client.check_plugin_configuration(Empty {}).await.unwrap().into_inner();
    assert!(!check.is_discovery_configured && !check.provide_git_creds);

    let archive = pack(&project().join("examples"));
    let stream = || tokio_stream::iter(messages(&archive, "my-api", &env("null")));
    let matched = client.match_repository(stream()).await.unwrap().into_inner();
    assert!(!matched.is_supported && !matched.is_discovery_enabled);

    let announced =
        client.get_parameters_announcement(stream()).await.unwrap().into_inner().parameter_announcements;
    assert_eq!(announced[0].name, "environment");
    assert_eq!(announced[0].title, "environment: the values layer to use (one of production, staging)");
}

#[tokio::test]
async fn health_and_reflection_are_served() {
    use tonic_health::pb::health_check_response::ServingStatus;
    use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    use tonic_reflection::pb::v1::{ListServiceResponse, ServerReflectionRequest, ServiceResponse};

    let server = serve(None);
    let channel = common::channel(&server.socket).await;
    for service in ["", "plugin.ConfigManagementPluginService"] {
        let request = HealthCheckRequest { service: service.into() };
        let health = HealthClient::new(channel.clone()).check(request).await.unwrap().into_inner();
        assert_eq!(health.status(), ServingStatus::Serving, "{service:?}");
    }
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers = ServerReflectionClient::new(channel)
        .server_reflection_info(tokio_stream::iter([request]))
        .await
        .unwrap()
        .into_inner();
    let answer = answers.next().await.unwrap().unwrap().message_response.unwrap();
    let MessageResponse::ListServicesResponse(ListServiceResponse { service }) = answer else { panic!() };
    let names: Vec<String> = service.into_iter().map(|ServiceResponse { name }| name).collect();
    assert!(names.contains(&"plugin.ConfigManagementPluginService".to_owned()), "{names:?}");
    assert!(names.contains(&"grpc.health.v1.Health".to_owned()), "{names:?}");
}

#[tokio::test]
async fn broken_streams_are_errors_and_the_next_request_works() {
    let server = serve(None);
    let mut client = client(&server).await;
    let archive = pack(&project().join("examples"));
    let env = env(PRODUCTION);
    let good = metadata(&archive, "my-api", &env);
    let garbage = b"\0not gzip".repeat(99);
    let with = |first: &AppStreamRequest, rest: Vec<AppStreamRequest>| {
        let mut all = vec![first.clone()];
        all.extend(rest);
        all
    };
    let empty = AppStreamRequest { request: None };
    let cases: Vec<(&str, Vec<AppStreamRequest>, Code, &str)> = vec![
        ("no messages", vec![], Code::InvalidArgument, "error getting stream metadata: metadata is nil"),
        (
            "no metadata",
            chunks(&archive),
            Code::InvalidArgument,
            "error getting stream metadata: metadata is nil",
        ),
        (
            "metadata twice",
            with(&good, vec![good.clone()]),
            Code::InvalidArgument,
            "the stream carries its metadata twice",
        ),
        ("empty message", with(&good, vec![empty]), Code::InvalidArgument, "stream request file is nil"),
        (
            "truncated",
            with(&good, chunks(&archive[..archive.len() / 2])),
            Code::DataLoss,
            "file checksum validation error",
        ),
        (
            "wrong checksum",
            with(&metadata(b"x", "my-api", &env), chunks(&archive)),
            Code::DataLoss,
            "file checksum validation error",
        ),
        (
            "garbage",
            messages(&garbage, "my-api", &env),
            Code::DataLoss,
            "the repository's archive cannot be read: invalid gzip header",
        ),
    ];
    for (name, stream, code, message) in cases {
        let status = client.generate_manifest(tokio_stream::iter(stream)).await.unwrap_err();
        assert_eq!(status.code(), code, "{name}: {status}");
        assert!(status.message().starts_with(message), "{name}: {}", status.message());
        let after = generate(&mut client, &project().join("examples"), "my-api", PRODUCTION).await.unwrap();
        assert_eq!(after.len(), 6, "after {name}");
    }
}

#[tokio::test]
async fn an_archive_announced_too_large_is_refused_without_being_kept() {
    let server = serve(None);
    let mut client = client(&server).await;
    let mut first = metadata(b"", ".", &env("null"));
    if let Some(tiphys::plugin::proto::plugin::app_stream_request::Request::Metadata(m)) = &mut first.request
    {
        m.size = 101 << 20;
    }
    let status = client.generate_manifest(tokio_stream::iter([first])).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().contains("at most 104857600 are taken"), "{}", status.message());
}

#[tokio::test]
async fn a_client_that_goes_away_stops_its_render() {
    let server = serve(None);
    let mut client = client(&server).await;
    let endless = common::directory(&[
        ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
        ("templates/a.yaml", "{{ range 900000 }}{{ range 900000 }}{{ end }}{{ end }}"),
    ]);
    let stream = tokio_stream::iter(messages(&pack(endless.path()), ".", &env("null")));
    let mut request = tonic::Request::new(stream);
    request.set_timeout(Duration::from_millis(400));
    let status = client.generate_manifest(request).await.unwrap_err();
    assert!(matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled), "{status}");
    // Both cores would still be busy if the renders went on.
    for _ in 0..2 {
        assert_eq!(
            generate(&mut client, &project().join("examples"), "my-api", PRODUCTION).await.unwrap().len(),
            6
        );
    }
}

#[tokio::test]
async fn sigterm_lets_the_calls_under_way_finish() {
    let mut server = serve(None);
    let mut client = client(&server).await;
    let archive = pack(&project().join("examples"));
    let (send, receive) = tokio::sync::mpsc::channel(4);
    let call = tokio::spawn(async move {
        client.generate_manifest(tokio_stream::wrappers::ReceiverStream::new(receive)).await
    });
    send.send(metadata(&archive, "my-api", &env(PRODUCTION))).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let pid = server.process.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    tokio::time::sleep(Duration::from_millis(200)).await;
    for chunk in chunks(&archive) {
        send.send(chunk).await.unwrap();
    }
    drop(send);
    assert_eq!(call.await.unwrap().unwrap().into_inner().manifests.len(), 6);
    assert!(server.process.wait().unwrap().success());
    assert!(!server.socket.exists());
}
