//! `almoner admin`: the first admin, roles, keys.

use super::{Setup, keys, say};
use crate::kernel::Result;
use crate::kernel::actor::{Role, Roles};
use crate::kernel::fields::Fields;
use crate::kernel::problem::{Kind, Problem};
use crate::people::model::PasswordHash;
use crate::people::service;
use crate::platform::auth::password;
use crate::platform::context::Ctx;
use std::io::Read as _;
use std::process::ExitCode;
use zeroize::Zeroizing;

/// Longest password that is read from standard input, in bytes.
const MAX_INPUT: u64 = 4096;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

impl Args {
    /// Whether it may be the first command of all.
    pub(super) fn begins(&self) -> bool {
        matches!(self.command, Command::Create { .. })
    }
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make an account with the admin role; it needs no confirmation by mail
    Create {
        /// E-mail address to log in with
        #[arg(long)]
        email: String,
        /// Name that others see
        #[arg(long)]
        name: String,
        /// Read the password from standard input; without this one is made up and printed once
        #[arg(long)]
        password_stdin: bool,
    },
    /// Grant a role to somebody
    GrantRole(RoleArgs),
    /// Remove a role from somebody
    RemoveRole(RoleArgs),
    /// Take away the second factor of somebody who lost it; their next login leads to a new one
    ResetFactor {
        /// Whose
        #[arg(long)]
        email: String,
        /// Why; they are told by mail
        #[arg(long)]
        reason: String,
    },
    /// Work with the keys of this deployment
    Keys {
        #[command(subcommand)]
        command: keys::Command,
    },
}

#[derive(Debug, clap::Args)]
struct RoleArgs {
    /// Whose
    #[arg(long)]
    email: String,
    /// regrantor, reviewer, funder, finance, admin or auditor
    #[arg(long, value_parser = role)]
    role: Role,
}

fn role(text: &str) -> std::result::Result<Role, String> {
    let known = || Role::ALL.map(Role::as_str).join(", ");
    let found = Role::ALL.into_iter().find(|r| r.as_str() == text);
    found.ok_or_else(|| format!("there is no such role; there are: {}", known()))
}

pub(super) fn run(setup: &Setup, args: &Args) -> Result<ExitCode> {
    match &args.command {
        Command::Create { email, name, password_stdin } => {
            create(setup, email, name, *password_stdin)?;
        }
        Command::GrantRole(args) => change_role(setup, args, true)?,
        Command::RemoveRole(args) => change_role(setup, args, false)?,
        Command::ResetFactor { email, reason } => reset_factor(setup, email, reason)?,
        Command::Keys { command } => keys::run(setup, command)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn create(setup: &Setup, email: &str, name: &str, password_stdin: bool) -> Result<()> {
    let mut fields = Fields::new();
    let email = fields.email("--email", email);
    let name = fields.line("--name", name, 1, 200);
    let typed = if password_stdin { Some(read_password()?) } else { None };
    if let Some(Err((code, message))) = typed.as_ref().map(|p| password::check(p, &email)) {
        fields.push("--password-stdin", code, message);
    }
    fields.finish()?;
    let secret = typed.clone().unwrap_or_else(password::generate);
    let hash = PasswordHash(password::hash_now(&secret)?);
    let ctx = Ctx::system(&setup.env, "command line");
    let told = email.clone();
    setup.database()?.write_now("admin.create", move |conn| {
        if service::find_by_email(conn, &email)?.is_some() {
            let detail = format!(
                "{email} has an account: use almoner admin grant-role --email {email} --role admin."
            );
            return Err(Problem::new(Kind::AlreadyExists, detail));
        }
        let roles = Roles::default().with(Role::Admin);
        service::ensure(conn, &ctx, &email, &name, Some(hash.clone()), roles)
    })?;
    say(&format!("{told} is an admin now"));
    if typed.is_none() {
        say(&format!("password: {}", secret.as_str()));
        say("It is shown this once; change it after the first login.");
    }
    if setup.env.config.auth.require_factor {
        say("An admin needs a second factor: the first login (POST /api/v1/auth/login) can do");
        say("nothing but enrol one. POST /api/v1/me/factor with the password gives the secret for");
        say("an authenticator app, POST /api/v1/me/factor/confirm with its first code gives the");
        say("recovery codes.");
    }
    Ok(())
}

fn change_role(setup: &Setup, args: &RoleArgs, granted: bool) -> Result<()> {
    let mut fields = Fields::new();
    let email = fields.email("--email", &args.email);
    fields.finish()?;
    let ctx = Ctx::system(&setup.env, "command line");
    let (role, told) = (args.role, email.clone());
    setup.database()?.write_now("admin.change_role", move |conn| {
        let person = service::find_by_email(conn, &email)?;
        let person = person.ok_or_else(|| Problem::not_found("person"))?;
        service::change_role(conn, &ctx, person.id, role, granted)
    })?;
    let what = if granted { "has" } else { "does not have" };
    say(&format!("{told} {what} the role {} now", role.as_str()));
    Ok(())
}

fn reset_factor(setup: &Setup, email: &str, reason: &str) -> Result<()> {
    let mut fields = Fields::new();
    let email = fields.email("--email", email);
    let reason = fields.paragraphs("--reason", reason, 1, 1000);
    fields.finish()?;
    let ctx = Ctx::system(&setup.env, "command line");
    let told = email.clone();
    setup.database()?.write_now("admin.reset_factor", move |conn| {
        let person = service::find_by_email(conn, &email)?;
        let person = person.ok_or_else(|| Problem::not_found("person"))?;
        service::reset_factor(conn, &ctx, person.id, &reason)
    })?;
    say(&format!("{told} has no second factor now, and was told by mail"));
    Ok(())
}

/// The first line of standard input.
fn read_password() -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    let failed = |e: std::io::Error| {
        Problem::new(Kind::MalformedRequest, "The password cannot be read.").because(e)
    };
    std::io::stdin().take(MAX_INPUT).read_to_string(&mut text).map_err(failed)?;
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}
