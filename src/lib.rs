//! Almoner: grants and regrants, from an application to money in a bank.
//!
//! The house, in the order in which its parts depend on each other: [`kernel`] (values and their
//! rules), [`platform`] (what any service needs), [`web`] (the one list of routes), [`app`] (puts
//! it together), [`cli`].
#![recursion_limit = "256"]

pub mod agendas;
pub mod answers;
pub mod app;
pub mod applications;
pub mod approvals;
pub mod attachments;
pub mod budgets;
pub mod calls;
pub mod cli;
pub mod comments;
pub mod commongrants;
pub mod concerns;
pub mod delegations;
pub mod disbursements;
pub mod discovery;
pub mod dossiers;
pub mod exports;
pub mod funds;
pub mod grants;
pub mod kernel;
pub mod ledger;
pub mod offers;
pub mod oversight;
pub mod paperwork;
pub mod payees;
pub mod people;
pub mod platform;
pub mod progress;
pub mod publishing;
pub mod reviews;
pub mod stats;
pub mod vouches;
pub mod web;
