//! `openssl s_client`: it says `SSL alert number` and the number.

use std::process::Command;

use lastword::AlertDescription;

use super::super::mark::Mark;
use super::{Condition, Site, last_line};

pub(super) fn arguments(command: &mut Command, condition: &Condition, site: Site<'_>) {
    // without input it would leave before a server of TLS 1.3 can refuse it
    command.args(["s_client", "-ign_eof", "-servername", condition.host]);
    command.args(["-connect", &site.address.to_string()]);
    command.arg("-CAfile").arg(site.ca);
    if condition.tls12_only {
        command.arg("-tls1_2");
    }
    if condition.http1_only {
        command.args(["-alpn", "http/1.1"]);
    }
}

const NUMBER: &str = "SSL alert number ";

/// The reason and the number of the alert, which has to be this one.
///
/// An error is a line of `thread:error:code:library:function:reason:file:line:data`.
pub(super) fn read(stderr: &str, required: AlertDescription) -> (String, Mark) {
    let Some(line) = stderr.lines().find(|line| line.contains(NUMBER)) else {
        return (last_line(stderr), Mark::Wrong);
    };
    let (error, number) = line.split_once(NUMBER).unwrap_or_default();
    let number = number.trim();
    let reason = error
        .split(':')
        .skip_while(|field| *field != "error")
        .nth(4)
        .unwrap_or(error);
    let mark = if number.parse() == Ok(required.0) {
        Mark::Right
    } else {
        Mark::Wrong
    };
    (format!("{reason}: {NUMBER}{number}"), mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION_3_0: &str = "depth=0 CN = localhost\n\
        verify return:1\n\
        40377166BD7F0000:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:\
        ../ssl/record/rec_layer_s3.c:1601:SSL alert number 70\n";
    const VERSION_1_1: &str = "139645:error:14094460:SSL routines:ssl3_read_bytes:reason(1120):\
        ssl/record/rec_layer_s3.c:1543:SSL alert number 120\n";

    #[test]
    fn reads_the_reason_and_the_number() {
        assert_eq!(
            read(VERSION_3_0, AlertDescription::PROTOCOL_VERSION),
            (
                "tlsv1 alert protocol version: SSL alert number 70".to_owned(),
                Mark::Right
            )
        );
        assert_eq!(
            read(VERSION_1_1, AlertDescription::NO_APPLICATION_PROTOCOL),
            ("reason(1120): SSL alert number 120".to_owned(), Mark::Right)
        );
    }

    #[test]
    fn another_number_is_wrong_also_one_that_begins_alike() {
        let (_, mark) = read(VERSION_3_0, AlertDescription::HANDSHAKE_FAILURE);
        assert_eq!(mark, Mark::Wrong);
        let longer = VERSION_3_0.replace("number 70", "number 701");
        let (_, mark) = read(&longer, AlertDescription::PROTOCOL_VERSION);
        assert_eq!(mark, Mark::Wrong);
    }

    #[test]
    fn a_reset_is_wrong_and_shown() {
        let stderr = "write:errno=104\n\n";
        assert_eq!(
            read(stderr, AlertDescription::PROTOCOL_VERSION),
            ("write:errno=104".to_owned(), Mark::Wrong)
        );
    }
}
