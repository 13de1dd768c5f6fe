//! All integration tests, in one program: it links once, and shares one PostgreSQL cluster.

#[macro_use]
mod support;

mod access;
mod agendas;
mod answers;
mod applications;
mod approvals;
mod attachments;
mod audit;
mod backup;
mod budgets;
mod calls;
mod classes;
mod comments;
mod commongrants;
mod concerns;
mod db;
mod decisions;
mod delegations;
mod demo;
mod disbursements;
mod discovery;
mod dossiers;
mod edge;
mod funds;
mod grants;
mod import;
mod jobs;
mod journey;
mod ledger;
mod mail;
mod matrix;
mod offers;
mod paperwork;
mod payees;
mod people;
mod plans;
mod progress;
mod publishing;
mod reviews;
mod stats;
mod tidy;
mod vouches;
mod watching;
