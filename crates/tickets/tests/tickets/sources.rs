//! Secrets that change while a server runs.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use lastword_tickets::{Secret, SecretError, Tickets};
use rustls::server::ProducesTickets;

use crate::secrets::{Scratch, line};
use crate::{Clock, HOURS, START};

/// What a ticketer has told.
type Told = Arc<Mutex<Vec<String>>>;

fn telling(tickets: Tickets, clock: &Clock) -> (Tickets, Told) {
    let told = Told::default();
    let tickets = tickets.with_time_provider(Arc::new(clock.clone()));
    let all = Arc::clone(&told);
    let tickets = tickets.with_on_replaced(move || all.lock().unwrap().push("replaced".into()));
    let all = Arc::clone(&told);
    let tickets = tickets.with_on_error(move |error| all.lock().unwrap().push(error.to_string()));
    (tickets, told)
}

/// The first byte of the name of the key that seals.
fn sealing(tickets: &Tickets) -> Vec<u8> {
    tickets.encrypt(b"").unwrap()[..16].to_vec()
}

#[test]
fn a_file_is_read_again_after_ten_seconds_and_the_last_good_secrets_are_kept() {
    let file = Scratch::new("again");
    let clock = Clock::at(START);
    file.write(line("a"), 0o600);
    let (tickets, told) = telling(Tickets::from_file(&file.0).unwrap(), &clock);
    let a = sealing(&tickets);
    file.write(line("b"), 0o600);
    clock.set(START + 9);
    assert_eq!(sealing(&tickets), a);
    clock.set(START + 10);
    let b = sealing(&tickets);
    assert_ne!(b, a);
    // each of these is told, and the secret stays
    file.write("", 0o600);
    clock.set(START + 20);
    assert_eq!(sealing(&tickets), b);
    clock.set(START + 29);
    assert_eq!(sealing(&tickets), b);
    file.write("short", 0o600);
    clock.set(START + 30);
    assert_eq!(sealing(&tickets), b);
    assert_eq!(
        *told.lock().unwrap(),
        [
            "replaced",
            "no secret: the list is empty",
            "a secret of 5 bytes is too short, it needs at least 32"
        ]
    );
    // and the next good one is taken, after the clock was set back, too
    file.write(line("a"), 0o600);
    clock.set(START + 1);
    assert_eq!(sealing(&tickets), a);
}

/// Kubernetes replaces a mounted secret so: it renames the link to the folder of the file.
#[cfg(unix)]
#[test]
fn a_file_whose_folder_is_replaced_is_read_again() {
    use std::fs;
    use std::os::unix::fs::symlink;

    let files = ["a", "b"].map(|letter| {
        let folder = Scratch::new(&format!("mounted-{letter}"));
        fs::create_dir_all(&folder.0).unwrap();
        let file = Scratch(folder.0.join("tickets"));
        file.write(line(letter), 0o440);
        (file, folder)
    });
    let [a, b] = files.each_ref().map(|(_, folder)| &folder.0);
    let [data, new, secret] = ["data", "new", "secret"].map(Scratch::new);
    symlink(a, &data.0).unwrap();
    symlink(data.0.join("tickets"), &secret.0).unwrap();

    let clock = Clock::at(START);
    let (tickets, told) = telling(Tickets::from_file(&secret.0).unwrap(), &clock);
    let before = sealing(&tickets);
    symlink(b, &new.0).unwrap();
    fs::rename(&new.0, &data.0).unwrap();
    clock.set(START + 10);
    assert_ne!(sealing(&tickets), before);
    assert_eq!(*told.lock().unwrap(), ["replaced"]);
}

#[test]
fn a_source_that_fails_at_the_start_is_an_error() {
    let failed = || Err(SecretError::Source("the store is down".into()));
    let error = Tickets::from_source(failed).unwrap_err();
    assert_eq!(error.to_string(), "cannot get secrets: the store is down");
}

#[test]
fn a_source_of_ones_own_is_called_once_in_ten_seconds() {
    let secret = |letter| vec![Secret::new(line(letter)).unwrap()];
    let answers = Mutex::new(VecDeque::from([
        Ok(secret("a")),
        Ok(secret("b")),
        Err(SecretError::Source("the store is down".into())),
        Ok(vec![]),
    ]));
    let next = move || {
        answers
            .lock()
            .unwrap()
            .pop_front()
            .expect("called too often")
    };
    let clock = Clock::at(START);
    let (tickets, told) = telling(Tickets::from_source(next).unwrap(), &clock);
    let b = sealing(&tickets);
    for seconds in 1..30 {
        clock.set(START + seconds);
        assert_eq!(sealing(&tickets), b, "after {seconds} s");
    }
    let empty = "no secret: the list is empty";
    assert_eq!(
        *told.lock().unwrap(),
        ["replaced", "cannot get secrets: the store is down", empty]
    );
}

#[test]
fn secrets_that_are_set_are_used_at_once() {
    let [one, two] = ["a", "b"].map(|letter| vec![Secret::new(line(letter)).unwrap()]);
    let (tickets, _) = telling(Tickets::new(one).unwrap(), &Clock::at(START));
    let a = sealing(&tickets);
    assert!(tickets.set_secrets(two.clone()).unwrap());
    assert!(!tickets.set_secrets(two).unwrap());
    let b = sealing(&tickets);
    assert_ne!(a, b);
    assert!(matches!(
        tickets.set_secrets(vec![]),
        Err(SecretError::Empty)
    ));
    assert_eq!(sealing(&tickets), b);
}

#[test]
fn a_source_that_panics_is_read_again_after_ten_seconds() {
    let calls = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&calls);
    let source = move || match count.fetch_add(1, Ordering::Relaxed) {
        1 => panic!("the second call"),
        0 => Ok(vec![Secret::new(line("a")).unwrap()]),
        _ => Ok(vec![Secret::new(line("b")).unwrap()]),
    };
    let clock = Clock::at(START);
    let (tickets, _) = telling(Tickets::from_source(source).unwrap(), &clock);
    let panicked = thread::scope(|scope| scope.spawn(|| sealing(&tickets)).join().is_err());
    assert!(panicked);
    let a = sealing(&tickets);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    clock.set(START + 10);
    assert_ne!(sealing(&tickets), a);
}

#[test]
fn the_period_is_that_after_the_source_was_read() {
    let secrets = || vec![Secret::new(line("a")).unwrap()];
    let clock = Clock::at(START);
    let slow = clock.clone();
    let source = move || {
        slow.set(START + HOURS);
        Ok(secrets())
    };
    let (tickets, _) = telling(Tickets::from_source(source).unwrap(), &clock);
    clock.set(START);
    let later = Clock::at(START + HOURS);
    let (expected, _) = telling(Tickets::new(secrets()).unwrap(), &later);
    assert_eq!(sealing(&tickets), sealing(&expected));
}

#[test]
fn one_handshake_waits_for_a_slow_source_and_the_others_do_not() {
    let (entered, is_entered) = mpsc::channel();
    let (release, is_released) = mpsc::channel::<()>();
    let is_released = Mutex::new(is_released);
    let calls = AtomicU32::new(0);
    let source = move || {
        if calls.fetch_add(1, Ordering::Relaxed) == 1 {
            entered.send(()).unwrap();
            is_released.lock().unwrap().recv().unwrap();
        }
        Ok(vec![Secret::new(line("a")).unwrap()])
    };
    let clock = Clock::at(START);
    let (tickets, _) = telling(Tickets::from_source(source).unwrap(), &clock);
    thread::scope(|scope| {
        let waits = scope.spawn(|| sealing(&tickets));
        is_entered.recv().unwrap();
        // due again by the clock, but it is being read
        clock.set(START + 20);
        let sealed = sealing(&tickets);
        release.send(()).unwrap();
        assert_eq!(waits.join().unwrap(), sealed);
    });
}
