//! The example: both servers, and what differs.

use lastword_census::{Report, Verdict};

use crate::example;

#[tokio::test]
async fn axum_over_lastword_treats_no_client_badly() {
    let report = example::census(example::lastword().await.unwrap()).await;
    let report = report.unwrap();
    assert_eq!(report.bad().count(), 0, "{report:#}");
    assert!(report.results().len() > 100);
}

#[tokio::test]
async fn tokio_rustls_leaves_clients_without_an_alert_and_resets_others() {
    let report = example::census(example::tokio_rustls().await.unwrap()).await;
    let report = report.unwrap();
    assert!(report.count(Verdict::ResetOnWrite) > 0, "{report}");
    assert_eq!(verdict(&report, "no-supported-groups"), Verdict::Wrong);
}

fn verdict(report: &Report, name: &str) -> Verdict {
    let mut results = report.results().iter();
    results.find(|result| result.name == name).unwrap().verdict
}
