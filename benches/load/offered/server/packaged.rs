//! Servers that the system packages.

use std::fs;

use super::{Files, NAME, Process, Server, free_address, pinned, started_at};
use crate::failure::Failure;

pub(super) fn start(server: Server, files: &Files) -> Result<Process, Failure> {
    let address = free_address()?;
    let path = |name| files.path(name).display().to_string();
    let write = |name, text: String| fs::write(files.path(name), text).map_err(Failure::listen);
    match server {
        Server::Nginx => {
            write("nginx.conf", nginx(&address.to_string(), &path))?;
            let mut command = pinned("nginx");
            started_at(
                command.args(["-c", &path("nginx.conf"), "-p", &path("")]),
                address,
            )
        }
        Server::Haproxy => {
            write("haproxy.cfg", haproxy(&address.to_string(), &path))?;
            let mut command = pinned("haproxy");
            started_at(command.args(["-db", "-f", &path("haproxy.cfg")]), address)
        }
        _ => {
            let mut command = pinned("openssl");
            command.args([
                "s_server", "-quiet", "-www", "-verify", "1", "-alpn", "http/1.1",
            ]);
            command.args(["-accept", &address.to_string(), "-cert", &path("chain.pem")]);
            command.args(["-key", &path("key.pem"), "-CAfile", &path("ca.pem")]);
            started_at(&mut command, address)
        }
    }
}

/// As packaged, but for one worker, no log of requests, and the timeout of the others.
fn nginx(address: &str, path: &impl Fn(&'static str) -> String) -> String {
    let (chain, key, ca) = (path("chain.pem"), path("key.pem"), path("ca.pem"));
    let (pid, log) = (path("nginx.pid"), path("nginx.log"));
    let temporary = path("nginx");
    format!(
        "daemon off; pid {pid}; error_log {log}; worker_processes 1;\n\
         worker_rlimit_nofile 65536;\n\
         events {{ worker_connections 32768; }}\n\
         http {{\n\
           access_log off; client_header_timeout 2s; keepalive_timeout 0;\n\
           client_body_temp_path {temporary}; proxy_temp_path {temporary};\n\
           fastcgi_temp_path {temporary}; uwsgi_temp_path {temporary}; scgi_temp_path {temporary};\n\
           ssl_certificate {chain}; ssl_certificate_key {key};\n\
           ssl_protocols TLSv1.2 TLSv1.3;\n\
           ssl_client_certificate {ca}; ssl_verify_client optional;\n\
           server {{ listen {address} ssl default_server backlog=4096; ssl_reject_handshake on; }}\n\
           server {{\n\
             listen {address} ssl; server_name {NAME};\n\
             location / {{ return 200 \"welcome!\\n\"; }}\n\
           }}\n\
         }}\n"
    )
}

/// As packaged, but for one thread and the timeout of the others.
fn haproxy(address: &str, path: &impl Fn(&'static str) -> String) -> String {
    let (both, ca) = (path("both.pem"), path("ca.pem"));
    format!(
        "global\n  nbthread 1\n  maxconn 8000\n\
         defaults\n  mode http\n  timeout client 2s\n  timeout http-request 2s\n\
         \x20 timeout connect 2s\n  timeout server 2s\n\
         frontend tls\n  option httpclose\n\
         \x20 bind {address} ssl crt {both} ca-file {ca} verify optional strict-sni \
         alpn http/1.1 backlog 4096\n\
         \x20 http-request return status 200 content-type text/plain string \"welcome!\\n\"\n"
    )
}
