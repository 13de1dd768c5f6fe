//! Decisions about delegations, from facts alone.

use super::model::{AppointDelegate, bits, from_bits};
use crate::kernel::actor::Errand;
use crate::kernel::fields::Fields;
use crate::kernel::time::Date;

/// Days that a delegation lasts at most.
pub const DAYS_MAX: i32 = 366;
/// Days before its last one on which both are told that a delegation ends.
pub const WARN_DAYS: i32 = 7;
/// Most people who act for one person, the invited included; and for how many one person acts.
pub const DELEGATES_MAX: usize = 20;
/// Most invitations that one person sends in a day.
pub const INVITATIONS_A_DAY: i64 = 20;

/// The day on which both are told that a delegation ends which begins today; none where it ends so
/// soon that they know.
pub fn warn_on(expires_on: Date, today: Date) -> Option<Date> {
    Some(expires_on.plus_days(-WARN_DAYS)).filter(|day| *day > today)
}

/// What was asked for, checked.
pub struct Asked {
    /// Where the invitation goes.
    pub email: String,
    /// What they may do.
    pub errands: Vec<Errand>,
}

/// Checks what was asked for by somebody with this address.
pub fn asked(fields: &mut Fields, form: &AppointDelegate, own: &str, today: Date) -> Asked {
    let email = fields.email("/email", &form.email);
    fields.check(email != own, "/email", "own", "this is your own address");
    let errands = from_bits(bits(&form.scopes));
    fields.check(!errands.is_empty(), "/scopes", "required", "say what they may do");
    let ahead = form.expires_on >= today && form.expires_on <= today.plus_days(DAYS_MAX);
    let message = "write a day from today on, within a year";
    fields.check(ahead, "/expires_on", "out_of_range", message);
    Asked { email, errands }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errands_survive_their_bits() {
        for mask in 1..8 {
            assert_eq!(bits(&from_bits(mask)), mask);
        }
        assert_eq!(bits(Errand::ALL), 7);
    }
}
