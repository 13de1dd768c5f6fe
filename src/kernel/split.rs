//! Dividing an amount so that no minor unit is lost or made.

/// Why an amount cannot be divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// The weights are all zero, there are none, or one is negative.
    #[error("there is nothing to divide by")]
    NoWeights,
    /// The amount is negative.
    #[error("only an amount of zero or more can be divided")]
    Negative,
}

/// Divides `total` minor units in proportion to `weights`, by largest remainder (Hamilton): each
/// part is the exact share rounded down, and the units left over go one each to the largest
/// remainders, the earlier first among equals. The parts sum to `total`; and where `total` is at
/// most the sum of the weights, no part is larger than its weight.
pub fn pro_rata(total: i64, weights: &[i64]) -> Result<Vec<i64>, SplitError> {
    if total < 0 {
        return Err(SplitError::Negative);
    }
    let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    if sum <= 0 || weights.iter().any(|w| *w < 0) {
        return Err(SplitError::NoWeights);
    }
    let mut parts = Vec::with_capacity(weights.len());
    let mut order: Vec<(i128, usize)> = Vec::with_capacity(weights.len());
    let mut given = 0i64;
    for (place, weight) in weights.iter().enumerate() {
        let product = i128::from(total) * i128::from(*weight);
        let part = i64::try_from(product / sum).map_err(|_| SplitError::NoWeights)?;
        given += part;
        parts.push(part);
        order.push((product % sum, place));
    }
    order.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let left = usize::try_from(total - given).unwrap_or(0);
    for (_, place) in order.into_iter().take(left) {
        parts[place] += 1;
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn thirds_of_a_dollar() {
        assert_eq!(pro_rata(100, &[1, 1, 1]), Ok(vec![34, 33, 33]));
        assert_eq!(pro_rata(0, &[5, 7]), Ok(vec![0, 0]));
        assert_eq!(pro_rata(5, &[]), Err(SplitError::NoWeights));
        assert_eq!(pro_rata(5, &[0, 0]), Err(SplitError::NoWeights));
        assert_eq!(pro_rata(-5, &[1]), Err(SplitError::Negative));
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole_and_stay_within_one_unit(
            total in 0..=crate::kernel::money::MAX_MINOR,
            weights in proptest::collection::vec(0..=crate::kernel::money::MAX_MINOR, 1..20),
        ) {
            prop_assume!(weights.iter().any(|w| *w > 0));
            let parts = pro_rata(total, &weights).expect("weights are there");
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
            for (part, weight) in parts.iter().zip(&weights) {
                let floor = i128::from(total) * i128::from(*weight) / sum;
                prop_assert!(i128::from(*part) == floor || i128::from(*part) == floor + 1);
                if i128::from(total) <= sum { prop_assert!(part <= weight); }
                if *weight == 0 { prop_assert_eq!(*part, 0); }
            }
        }
    }
}
