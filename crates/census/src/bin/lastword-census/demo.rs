//! `demo`: runs every failing client against every path, and shows which alert each got.

use std::io::{self, IsTerminal};
use std::time::Instant;

use clap::Args;
use lastword_census::catalogue::{Case, failing, succeeding};

use crate::failure::Failure;
use crate::server::Style;

mod brief;
mod clients;
mod json;
mod lane;
mod mark;
mod order;
mod outcome;
mod programs;
mod report;
mod scratch;
mod table;
mod text;

use brief::Brief;
use json::Json;
use lane::Servers;
use mark::Tally;
use order::Order;
use programs::CONDITIONS;
use report::Report;
use text::Text;

/// Run every failing client against real servers, and show which alert each got
///
/// Each client connects over TCP to a server of each style of `serve`. The output has ten clients,
/// and all clients with a wrong result. Three lines for each client say what it does, which alert
/// it got and how the connection ended, and what the server logged. If the styles differ, each is
/// shown. Then openssl, curl and Python make some of the same mistakes, if they are installed. The
/// output has their error messages.
///
/// With --all, it prints a table with a line for each client. The table also has the alert that is
/// required, and the section of the RFC that requires it. A known limitation of rustls is marked
/// `known`, with the alert that is sent instead and the reason.
///
/// With --json, each line is an object. A client has `case`, `path`, `does`, `required` (alerts
/// with `code` and `name`, or "silent" or "served"), `reference`, `received` (alerts that also have
/// `level`), `end`, `log`, `note`, `ok`, `wrong` and `milliseconds`. A program has `program`, and
/// either `version` (null if it is not installed), or `condition`, `exit`, `words` and most fields
/// of a client. `ok` is null if there is no result to judge.
///
/// It uses openssl, curl, and python3 with its module ssl, if they are installed.
/// Exit codes: 0 every client got the right result, except those marked `known`; 1 some clients did
/// not; 2 the command line is wrong, or no client has the name.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Show all clients, in a wide table
    #[arg(long)]
    all: bool,
    /// Print JSON: one object a line
    #[arg(long)]
    json: bool,
    /// Run only the clients with this in their names, and show all of these
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    only: Option<String>,
}

/// The paths, in the order of their columns.
const STYLES: [Style; PATHS] = [
    Style::Direct,
    Style::Acceptor,
    Style::Nonblocking,
    Style::Tokio,
];

/// How many paths there are.
const PATHS: usize = 4;

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let start = Instant::now();
    let only = options.only.as_deref().unwrap_or_default();
    let mut cases = [failing(), succeeding()].concat();
    cases.retain(|case| case.name.contains(only));
    let mut conditions = CONDITIONS.to_vec();
    conditions.retain(|condition| condition.name.contains(only));
    if cases.is_empty() && conditions.is_empty() {
        let only = only.to_owned();
        return Err(Failure::NoClient { only });
    }

    let (order, mut report) = report(options, &cases);
    let mut servers = Servers::new();
    let mut tally = Tally::default();
    clients::run(&cases, &mut servers, order, &mut *report, &mut tally)?;
    programs::run(&conditions, &mut servers, &mut *report, &mut tally)?;
    report
        .end(&tally, start.elapsed())
        .map_err(Failure::output)?;
    match tally.wrong {
        0 => Ok(()),
        wrong => Err(Failure::ToldWrong { wrong }),
    }
}

/// How the clients are shown, and in which order.
fn report(options: &Options, cases: &[Case]) -> (Order, Box<dyn Report>) {
    let stdout = io::stdout();
    if options.json {
        return (Order::Listed, Box::new(Json::new(stdout)));
    }
    let terminal = stdout.is_terminal();
    let colour = terminal && wants_colour();
    if !options.all {
        let brief = Brief::new(stdout, colour, options.only.is_some(), cases.len());
        return (Order::Listed, Box::new(brief));
    }
    let order = if terminal {
        Order::AsTheyEnd
    } else {
        Order::Listed
    };
    let text = Text::new(stdout, colour, cases);
    (order, Box::new(text))
}

/// Whether nothing in the environment speaks against colour: see <https://no-color.org>.
fn wants_colour() -> bool {
    let set = |name| std::env::var_os(name).unwrap_or_default();
    set("NO_COLOR").is_empty() && set("TERM") != "dumb"
}
