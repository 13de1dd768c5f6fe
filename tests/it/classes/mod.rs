//! Classes of faults that services of this kind have shipped: a test each, named after its class,
//! through the front door.

mod access;
mod amounts;
mod databases;
mod keys;
mod meanwhile;
pub mod money;
mod objects;
mod payments;
mod wider;

/// Every class, and the test of its name in the file of its part.
const CLASSES: &[(&str, &[&str])] = &[
    (
        concat!(include_str!("money.rs"), include_str!("payments.rs")),
        &[
            "a_lock_on_a_row_that_does_not_exist",
            "the_hash_chain_broken_by_unicode",
            "an_idempotency_key_reused_across_people_or_within_one_batch",
            "filters_that_became_sql",
            "negative_amounts_self_transfers_too_many_decimals",
            "double_refunds_and_double_mark_as_paid",
            "commit_above_the_reservation",
            "a_lock_flag_left_behind_by_a_dead_process",
            "a_providers_refusal_leaving_processing",
            "pages_overlapping_while_rows_are_added_so_that_one_is_paid_twice",
            "refusing_exactly_the_remaining_balance",
            "copying_an_object_with_a_stale_payout_account",
            "state_written_before_the_mail_succeeded",
        ],
    ),
    (
        concat!(include_str!("access.rs"), include_str!("keys.rs")),
        &[
            "detail_safe_but_attachments_open",
            "reviewer_named_in_a_feed",
            "emails_found_by_search",
            "open_redirects_through_next",
            "rich_text_that_runs",
            "refresh_tokens_outliving_a_reset",
            "ids_of_others_accepted_inside_bodies_and_relations",
            "an_invited_unconfirmed_member_acting_in_full",
            "a_count_limit_raced",
            "revoking_somebody_elses_key",
            "an_old_api_version_leaking_what_the_new_one_hides",
        ],
    ),
    (
        include_str!("databases.rs"),
        &[
            "nul_in_text",
            "the_case_of_like",
            "unique_with_null",
            "bind_limits",
            "busy_snapshots_and_serialization_failures",
            "collation_in_keyset_order",
            "integer_sum",
            "foreign_keys_per_connection",
        ],
    ),
];

#[test]
fn every_class_is_tested() {
    let both = |text: &str, name: &str| text.contains(&format!("fn {name}(t: &Harness)"));
    for (text, names) in CLASSES {
        for name in *names {
            assert!(both(text, name), "{name} has no test on both databases");
        }
    }
    assert_eq!(CLASSES.iter().map(|(_, names)| names.len()).sum::<usize>(), 13 + 11 + 8);
}
